-- Notes that a message is stored, and says whether this server knows it. Where it does not, it has lost its memory since
-- the message was placed, or the message was placed without it: then readers may have missed it, and it must be
-- announced.
--
-- KEYS  1 recent messages   2 last seq   3 stored
-- ARGV  1 seq   2 messageId   3 ttl of seq   4 ttl of recent messages (seconds)
-- Answers 1 where it is among the recent messages, 0 otherwise.
local stored = redis.call('GET', KEYS[3])
if not stored or tonumber(stored) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[3], ARGV[1], 'EX', ARGV[4])
end
local last = redis.call('GET', KEYS[2])
if not last or tonumber(last) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[3])
end
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[1], 'BYSCORE')) do
  if string.find(member, ARGV[2], 1, true) == 15 then
    return 1
  end
end
return 0
