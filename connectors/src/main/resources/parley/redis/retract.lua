-- Takes back what was shown, because it has another place, or because a try to send it is given up. In the second case it
-- stays as long as there are other tries: one of them may have been acknowledged. Doing it again changes nothing.
--
-- KEYS  1 recent messages   2 dedupe   3 retracted
-- ARGV  1 messageId   2 seq; '' for the place that the try has, if any   3 channel   4 event name   5 chatId
--       6 ttl of retracted (seconds)   7 number of retractions kept   8 the try; '' where the message has another place
-- Answers 1 where it was taken back.
local seq = ARGV[2]
local known = redis.call('GET', KEYS[2])
local place, itsSeq, tries
if known and string.sub(known, 1, #ARGV[1] + 1) == ARGV[1] .. ' ' then
  place, itsSeq, tries = string.match(known, '^(%S+ (%S+) %S+ %S+) ?(%S*)$')
end
if ARGV[8] ~= '' and place and (seq == '' or seq == itsSeq) then
  local others, found = string.gsub(tries, ';' .. ARGV[8] .. '%f[;%z]', '')
  if found == 0 then
    return 0
  end
  if others ~= '' then
    redis.call('SET', KEYS[2], place .. ' ' .. others, 'KEEPTTL')
    return 0
  end
  seq = itsSeq
end
if seq == '' then
  return 0
end
if seq == itsSeq then
  redis.call('DEL', KEYS[2])
end
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], seq, seq, 'BYSCORE')) do
  if string.find(member, ARGV[1], 1, true) == 15 then
    redis.call('ZREM', KEYS[1], member)
  end
end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[3], string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])),
    ARGV[1] .. ' ' .. seq)
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[7]))
redis.call('EXPIRE', KEYS[3], ARGV[6])
redis.call('SPUBLISH', ARGV[3], ARGV[4] .. ' 0 {"messageId":"' .. ARGV[1] .. '","chatId":"' .. ARGV[5]
    .. '","seq":' .. seq .. '}')
return 1
