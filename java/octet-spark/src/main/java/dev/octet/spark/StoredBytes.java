package dev.octet.spark;

import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.plans.logical.LeafNode;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.execution.columnar.InMemoryRelation;
import scala.math.BigInt;

/** The size of what a query reads, where reading is all that it does. */
final class StoredBytes {
  private StoredBytes() {}

  /**
   * The size as Spark knows it.
   *
   * @param plan optimized
   * @return bytes; Long.MAX_VALUE where rows are computed, which may take any time, or nothing is known
   */
  static long of(LogicalPlan plan) {
    if (plan instanceof Project project) {
      return project.projectList().forall(column -> column instanceof AttributeReference)
          ? of(project.child())
          : Long.MAX_VALUE;
    }
    boolean read = plan instanceof InMemoryRelation cached
        ? cached.cacheBuilder().isCachedColumnBuffersLoaded()
        : plan instanceof LeafNode;
    BigInt bytes = read ? plan.stats().sizeInBytes() : null;
    return bytes != null && bytes.isValidLong() ? bytes.toLong() : Long.MAX_VALUE;
  }
}
