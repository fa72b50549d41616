package dev.parley.mongo;

import io.micronaut.data.model.Pageable;
import io.micronaut.data.mongodb.annotation.MongoFindQuery;
import io.micronaut.data.mongodb.annotation.MongoRepository;
import io.micronaut.data.repository.CrudRepository;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;

/** The queries behind {@link Accounts}. */
@MongoRepository
interface AccountRepository extends CrudRepository<Account, ObjectId> {

    Optional<Account> findByUsername(String username);

    @MongoFindQuery("{_id: {$in: :ids}}")
    List<Account> findByIdIn(Collection<ObjectId> ids);

    /** Accounts whose name begins with the text; the index on {@code username} serves it. */
    List<Account> findByUsernameStartsWithOrderByUsername(String prefix, Pageable page);
}
