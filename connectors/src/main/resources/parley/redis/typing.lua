-- Notes that a user is typing (or has stopped) and tells the chat.
-- KEYS  1 typing      ARGV  1 ttl in seconds, 0 for stopped   2 channel   3 event
if ARGV[1] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], '1', 'EX', ARGV[1])
end
redis.call('SPUBLISH', ARGV[2], ARGV[3])
return 1
