-- Adds a connection of a user.
-- KEYS  1 sockets   2 online      ARGV  1 connectionId   2 serverId   3 ttl of sockets   4 ttl of online (seconds)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], '1', 'EX', ARGV[4])
return redis.call('HLEN', KEYS[1])
