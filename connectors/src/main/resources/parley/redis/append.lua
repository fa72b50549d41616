-- Takes a message into a chat in one atomic step: looks for an earlier send of the same message, gives it its seq,
-- remembers it in the recent cache, and publishes it. It publishes inside the script, so that channel order is seq
-- order. seq is a hybrid clock: microseconds of this server, made strictly rising by the chat's last seq.
--
-- KEYS  1 last seq   2 recent messages   3 dedupe   4 stored   5 forgot
-- ARGV  1 JSON head   2 JSON tail   3 messageId   4 timestamp   5 channel   6 event name
--       7 number of recent messages kept   8 their ttl   9 ttl of seq   10 ttl of dedupe (seconds)
--       11 highest seq of the chat that the caller has seen, '' where it has seen none
--       12 number of recent messages kept while they are not stored
--       13 "1" where the caller knows that the message is not in MongoDB   14 ttl of forgot (seconds)
--       15 name of this try among those of the same message, letters and digits
-- Answers {"new", seq, prevSeq or "-"} or {"known", "messageId seq prevSeq|- timestamp", JSON if cached}, or
-- {"forgot"}: this server has lost its memory of the chat a while ago, or messages were placed without it, so the caller
-- must look in MongoDB whether this is a resend, and call again with 13; or
-- {"unseeded"}: neither this server nor the caller knows a seq of the chat, which may have one all the same.
--
-- The dedupe key ends with the tries of the message that were not given up, ";try;try": only when the last one of them is
-- given up may it be taken back. Without any it is known to be stored.
local known = redis.call('GET', KEYS[3])
if known then
  local place, tries = string.match(known, '^(%S+ %S+ %S+ %S+) ?(%S*)$')
  if tries ~= '' then
    -- So many tries are not given up one by one.
    tries = #tries < 2000 and ' ' .. tries .. ';' .. ARGV[15] or ''
    redis.call('SET', KEYS[3], place .. tries, 'KEEPTTL')
  end
  -- The first send's JSON, where it is still cached: a resend with another content changes nothing.
  local seq = string.match(known, '^%S+ (%S+)')
  for _, member in ipairs(redis.call('ZRANGE', KEYS[2], seq, seq, 'BYSCORE')) do
    if string.find(member, string.match(known, '^%S+'), 1, true) == 15 then
      return {'known', known, member}
    end
  end
  return {'known', known}
end

local last = redis.call('GET', KEYS[1])
if not last and ARGV[11] == '' then
  return {'unseeded'}
end
-- Where the caller has seen more than this server, the server has lost its memory, or messages were placed without it.
local behind = ARGV[11] ~= '' and ARGV[11] ~= '0' and (not last or tonumber(last) < tonumber(ARGV[11]))
if behind then
  last = ARGV[11]
end
if behind then
  redis.call('SET', KEYS[5], '1', 'EX', ARGV[14])
end
if ARGV[13] ~= '1' and redis.call('EXISTS', KEYS[5]) == 1 then
  return {'forgot'}
end
if last == '0' then
  last = false
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
if last and tonumber(last) >= now then
  now = tonumber(last) + 1
end
local seq = string.format('%.0f', now)
local json = ARGV[1] .. seq .. ',"prevSeq":' .. (last or 'null') .. ARGV[2]

redis.call('SET', KEYS[1], seq, 'EX', ARGV[9])
redis.call('SET', KEYS[3], ARGV[3] .. ' ' .. seq .. ' ' .. (last or '-') .. ' ' .. ARGV[4] .. ' ;' .. ARGV[15],
    'EX', ARGV[10])

if behind or redis.call('EXISTS', KEYS[2]) == 0 then
  -- Everything after this server's own last seq passes through here, so the set is complete above it.
  redis.call('ZADD', KEYS[2], (not behind and last) or string.format('%.0f', now - 1), 'floor')
end
redis.call('ZADD', KEYS[2], seq, json)
local surplus = redis.call('ZCARD', KEYS[2]) - 1 - tonumber(ARGV[7])
if surplus > 0 then
  -- What is not stored yet stays, within bounds: nobody else could show it.
  local cut = redis.call('ZRANGE', KEYS[2], surplus, surplus, 'WITHSCORES')[2]
  if tonumber(cut) > tonumber(redis.call('GET', KEYS[4]) or '0') then
    surplus = redis.call('ZCARD', KEYS[2]) - 1 - tonumber(ARGV[12])
    cut = surplus > 0 and redis.call('ZRANGE', KEYS[2], surplus, surplus, 'WITHSCORES')[2]
  end
  if cut then
    local floor = redis.call('ZSCORE', KEYS[2], 'floor') or '0'
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', cut)
    redis.call('ZADD', KEYS[2], tonumber(floor) > tonumber(cut) and floor or cut, 'floor')
  end
end
redis.call('EXPIRE', KEYS[2], ARGV[8])

redis.call('SPUBLISH', ARGV[5], ARGV[6] .. ' ' .. seq .. ' ' .. json)
return {'new', seq, last or '-'}
