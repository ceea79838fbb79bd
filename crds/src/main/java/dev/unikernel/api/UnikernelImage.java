package dev.unikernel.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A program and what it needs, to be built as one immutable bootable disk. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("uki")
@Categories("unikernel")
public final class UnikernelImage extends CustomResource<UnikernelImageSpec, UnikernelImageStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;
}
