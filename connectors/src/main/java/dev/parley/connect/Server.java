package dev.parley.connect;

/** A server that we depend on, and that may be away. */
public enum Server {
    REDIS("Redis"),
    RABBITMQ("RabbitMQ"),
    MONGODB("MongoDB");

    private final String title;

    Server(String title) {
        this.title = title;
    }

    /** The product's name, for people. */
    public String title() {
        return title;
    }
}
