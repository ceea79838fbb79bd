package dev.unikernel.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A number of unikernels kept serving one image behind one Service. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("uks")
@Categories("unikernel")
public final class UnikernelService
    extends CustomResource<UnikernelServiceSpec, UnikernelServiceStatus> implements Namespaced {
  private static final long serialVersionUID = 1L;
}
