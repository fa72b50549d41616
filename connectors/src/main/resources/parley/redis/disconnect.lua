-- Removes a connection of a user; the user is offline when it was the last.
-- KEYS  1 sockets   2 online      ARGV  1 connectionId
redis.call('HDEL', KEYS[1], ARGV[1])
local left = redis.call('HLEN', KEYS[1])
if left == 0 then
  redis.call('DEL', KEYS[2])
end
return left
