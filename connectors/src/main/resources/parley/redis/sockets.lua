-- Makes a user's connections on one instance exactly those given: the instance knows best.
-- KEYS  1 sockets      ARGV  1 instance   2 ttl in seconds   3… connectionIds
local given = {}
for i = 3, #ARGV do
  given[ARGV[i]] = true
end
local sockets = redis.call('HGETALL', KEYS[1])
for i = 1, #sockets, 2 do
  if sockets[i + 1] == ARGV[1] and not given[sockets[i]] then
    redis.call('HDEL', KEYS[1], sockets[i])
  end
end
for i = 3, #ARGV do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[1])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
