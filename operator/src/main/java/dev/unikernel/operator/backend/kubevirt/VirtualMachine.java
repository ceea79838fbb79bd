package dev.unikernel.operator.backend.kubevirt;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;

/** KubeVirt's VirtualMachine, as far as we write and read it. */
@Group("kubevirt.io")
@Version("v1")
public final class VirtualMachine extends CustomResource<VirtualMachineSpec, VirtualMachineStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;
}
