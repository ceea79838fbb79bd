package dev.unikernel.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A test class with this annotation gets a {@link DevCluster} as parameter: one for all such
 * classes, ended after the last.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SharedCluster.Extension.class)
public @interface SharedCluster {

  /** Starts the cluster at its first use. */
  final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == DevCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return cluster(context);
    }

    /** The cluster of this run. */
    static DevCluster cluster(ExtensionContext context) {
      return context
          .getRoot()
          .getStore(Namespace.create(SharedCluster.class))
          .computeIfAbsent(DevCluster.class, _ -> DevCluster.start(), DevCluster.class);
    }
  }
}
