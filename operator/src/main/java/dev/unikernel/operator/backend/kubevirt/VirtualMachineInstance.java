package dev.unikernel.operator.backend.kubevirt;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;

/** KubeVirt's VirtualMachineInstance: one run of a VirtualMachine's guest. Only read. */
@Group("kubevirt.io")
@Version("v1")
public final class VirtualMachineInstance extends CustomResource<Void, VirtualMachineInstanceStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;
}
