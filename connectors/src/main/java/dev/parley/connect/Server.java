package dev.parley.connect;

/** A server that we depend on, and that may be away. */
public enum Server {
    REDIS("Redis"),
    RABBITMQ("RabbitMQ"),
    MONGODB("MongoDB"),
    OPENSEARCH("OpenSearch"),
    MAIL_RELAY("Mail relay");

    private final String title;

    Server(String title) {
        this.title = title;
    }

    /** What people call it: the product's name, where it is always the same product. */
    public String title() {
        return title;
    }
}
