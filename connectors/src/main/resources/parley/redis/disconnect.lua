-- Takes out a connection of a user.
-- args  1 connectionId
local gone = redis.call('HDEL', KEYS[1], args[1]) == 1
return settle(now, ARGV[3], gone)
