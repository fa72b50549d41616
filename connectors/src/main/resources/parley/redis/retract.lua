-- Takes back what was shown: the message is not kept at this place.
--
-- KEYS  1 recent messages   2 dedupe   3 retracted
-- ARGV  1 messageId   2 seq   3 channel   4 event   5 ttl of retracted (seconds)   6 number of retractions kept
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[2], 'BYSCORE')) do
  if string.find(member, ARGV[1], 1, true) == 15 then
    redis.call('ZREM', KEYS[1], member)
  end
end
local known = redis.call('GET', KEYS[2])
local mine = ARGV[1] .. ' ' .. ARGV[2] .. ' '
if known and string.sub(known, 1, #mine) == mine then
  redis.call('DEL', KEYS[2])
end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[3], string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])),
    ARGV[1] .. ' ' .. ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[6]))
redis.call('EXPIRE', KEYS[3], ARGV[5])
redis.call('SPUBLISH', ARGV[3], ARGV[4])
return 1
