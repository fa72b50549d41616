-- Adds a connection of a user, if he has fewer than the most; first takes out what dead instances have left.
-- args  1 connectionId   2 instance   3 most   4 ttl of sockets in seconds   5… dead instances
-- Answers nothing where it was added, otherwise the instances of the connections that he has.
if #args > 4 then
  local dead = {}
  for i = 5, #args do
    dead[args[i]] = true
  end
  local sockets = redis.call('HGETALL', KEYS[1])
  for i = 1, #sockets, 2 do
    if dead[sockets[i + 1]] then
      redis.call('HDEL', KEYS[1], sockets[i])
    end
  end
end
if redis.call('HEXISTS', KEYS[1], args[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(args[3]) then
  return redis.call('HVALS', KEYS[1])
end
redis.call('HSET', KEYS[1], args[1], args[2])
redis.call('EXPIRE', KEYS[1], args[4])
settle(now, ARGV[3])
return {}
