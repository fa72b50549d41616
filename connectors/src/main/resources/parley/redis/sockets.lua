-- Makes a user's connections on one instance exactly those given: the instance knows best.
-- args  1 instance   2 ttl of sockets in seconds   3… connectionIds
local given = {}
for i = 3, #args do
  given[args[i]] = true
end
local gone = false
local sockets = redis.call('HGETALL', KEYS[1])
for i = 1, #sockets, 2 do
  if sockets[i + 1] == args[1] and not given[sockets[i]] then
    redis.call('HDEL', KEYS[1], sockets[i])
    gone = true
  end
end
for i = 3, #args do
  redis.call('HSET', KEYS[1], args[i], args[1])
end
redis.call('EXPIRE', KEYS[1], args[2])
-- Who went down with his instance has been away for longer than any grace.
return settle(now - tonumber(ARGV[4]), ARGV[7], gone)
