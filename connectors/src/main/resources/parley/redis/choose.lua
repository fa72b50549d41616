-- Remembers which status a user has chosen, for all his devices.
-- args  1 status   2 message as JSON, '' for none
if args[1] == 'online' then
  redis.call('HDEL', KEYS[2], 'status')
else
  redis.call('HSET', KEYS[2], 'status', args[1])
end
if args[2] == '' then
  redis.call('HDEL', KEYS[2], 'message')
else
  redis.call('HSET', KEYS[2], 'message', args[2])
end
redis.call('EXPIRE', KEYS[2], ARGV[6])
-- Without a connection that this server knows of he is as offline as before.
if redis.call('EXISTS', KEYS[1]) == 1 then
  settle(now, ARGV[3])
end
return 1
