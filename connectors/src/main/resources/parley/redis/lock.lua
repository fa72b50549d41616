-- Takes a lock or keeps it.
-- KEYS  1 lock   2 fence      ARGV  1 owner   2 ttl in ms   3 ttl of the fence (s)
-- Answers the token, "owner:number", or an empty text where somebody else holds it. The number rises with each owner.
local held = redis.call('GET', KEYS[1])
if held then
  if string.sub(held, 1, #ARGV[1] + 1) == ARGV[1] .. ':' then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return {held}
  end
  return {''}
end
local token = ARGV[1] .. ':' .. redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], token, 'PX', ARGV[2], 'NX')
return {token}
