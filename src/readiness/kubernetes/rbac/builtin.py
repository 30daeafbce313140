"""The roles that every cluster has, as far as others than its own components are bound to them.

Sources: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings;
the rules: `cluster-roles.yaml` and `namespace-roles.yaml` in
https://github.com/kubernetes/kubernetes/tree/master/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata
"""

from __future__ import annotations

import functools

from msgspec import Struct

from readiness.values import List, Map

_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"

# Groups are separated from resources by `:`, names of objects stand in brackets.
_READ = "get list watch"
_WRITE = "create delete deletecollection patch update"
_WORKLOADS = (
    "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale"
    " statefulsets statefulsets/scale"
)
_EXTENSIONS = (
    "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies"
    " replicasets replicasets/scale replicationcontrollers/scale"
)
_OBJECTS = (
    "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale"
    " secrets serviceaccounts services services/proxy"
)
_SEEN = (
    "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers"
    " replicationcontrollers/scale serviceaccounts services services/status"
)
_STATES = (
    "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status"
    " resourcequotas resourcequotas/status"
)
_RUNNING = (
    "daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets"
    " replicasets/scale replicasets/status"
)
_REACHED = "pods/attach pods/exec pods/portforward pods/proxy"
_SIGNERS = "certificates.k8s.io"
_EVENTS = (f"core events.k8s.io: events: {_WRITE.replace('delete deletecollection ', '')}",)

_ADMIN = (
    "authorization.k8s.io: localsubjectaccessreviews: create",
    f"rbac.authorization.k8s.io: rolebindings roles: {_WRITE} {_READ}",
)
_EDIT = (
    f"core: {_REACHED} secrets services/proxy: {_READ}",
    "core: serviceaccounts: impersonate",
    f"core: pods {_REACHED}: {_WRITE}",
    "core: pods/eviction: create",
    f"core: {_OBJECTS}: {_WRITE}",
    "core: serviceaccounts/token: create",
    f"apps: {_WORKLOADS}: {_WRITE}",
    f"autoscaling: horizontalpodautoscalers: {_WRITE}",
    f"batch: cronjobs jobs: {_WRITE}",
    f"extensions: {_EXTENSIONS}: {_WRITE}",
    f"policy: poddisruptionbudgets: {_WRITE}",
    f"networking.k8s.io: ingresses networkpolicies: {_WRITE}",
    f"coordination.k8s.io: leases: {_WRITE} {_READ}",
)
_VIEW = (
    f"core: {_SEEN}: {_READ}",
    f"core: {_STATES}: {_READ}",
    f"core: namespaces: {_READ}",
    f"discovery.k8s.io: endpointslices: {_READ}",
    f"apps: controllerrevisions {_RUNNING} statefulsets statefulsets/scale statefulsets/status: {_READ}",
    f"autoscaling: horizontalpodautoscalers horizontalpodautoscalers/status: {_READ}",
    f"batch: cronjobs cronjobs/status jobs jobs/status: {_READ}",
    f"extensions: {_RUNNING} ingresses ingresses/status networkpolicies: {_READ}",
    f"extensions: replicationcontrollers/scale: {_READ}",
    f"policy: poddisruptionbudgets poddisruptionbudgets/status: {_READ}",
    f"networking.k8s.io: ingresses ingresses/status networkpolicies: {_READ}",
)
_HEALTH = "/healthz /livez /readyz /version /version/"
_PATHS = "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"
_METRICS = "/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*"

# (name, label after `aggregate-to-` that selects what is in it, such labels of its own, rules)
_CLUSTER_ROLES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("cluster-admin", "", "", ("*: *: *", "url: *: *")),
    ("admin", "admin", "", ()),
    ("edit", "edit", "admin", ()),
    ("view", "view", "edit", ()),
    ("system:aggregate-to-admin", "", "admin", _ADMIN),
    ("system:aggregate-to-edit", "", "edit", _EDIT),
    ("system:aggregate-to-view", "", "view", _VIEW),
    ("system:auth-delegator", "", "", (
        "authentication.k8s.io: tokenreviews: create",
        "authorization.k8s.io: subjectaccessreviews: create",
    )),
    ("system:basic-user", "", "", (
        "authorization.k8s.io: selfsubjectaccessreviews selfsubjectrulesreviews: create",
        "authentication.k8s.io: selfsubjectreviews: create",
    )),
    ("system:certificates.k8s.io:certificatesigningrequests:nodeclient", "", "",
     (f"{_SIGNERS}: certificatesigningrequests/nodeclient: create",)),
    ("system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "", "",
     (f"{_SIGNERS}: certificatesigningrequests/selfnodeclient: create",)),
    ("system:certificates.k8s.io:kube-apiserver-client-approver", "", "",
     (f"{_SIGNERS}: signers [kubernetes.io/kube-apiserver-client]: approve",)),
    ("system:certificates.k8s.io:kube-apiserver-client-kubelet-approver", "", "",
     (f"{_SIGNERS}: signers [kubernetes.io/kube-apiserver-client-kubelet]: approve",)),
    ("system:certificates.k8s.io:kubelet-serving-approver", "", "",
     (f"{_SIGNERS}: signers [kubernetes.io/kubelet-serving]: approve",)),
    ("system:certificates.k8s.io:legacy-unknown-approver", "", "",
     (f"{_SIGNERS}: signers [kubernetes.io/legacy-unknown]: approve",)),
    ("system:discovery", "", "", (f"url: {_PATHS}: get",)),
    ("system:kube-aggregator", "", "", (f"core: endpoints services: {_READ}",)),
    ("system:kube-dns", "", "", ("core: endpoints services: list watch",)),
    ("system:kubelet-api-admin", "", "", (
        f"core: nodes: {_READ}",
        "core: nodes: proxy",
        "core: nodes/log nodes/metrics nodes/proxy nodes/stats: *",
    )),
    ("system:monitoring", "", "", (f"url: {_METRICS}: get",)),
    ("system:node-bootstrapper", "", "", (f"{_SIGNERS}: certificatesigningrequests: create {_READ}",)),
    ("system:node-problem-detector", "", "", (
        "core: nodes: get",
        "core: nodes/status: patch",
        *_EVENTS,
    )),
    ("system:node-proxier", "", "", (
        "core: endpoints services: list watch",
        f"core: nodes: {_READ}",
        *_EVENTS,
        "discovery.k8s.io: endpointslices: list watch",
    )),
    ("system:persistent-volume-provisioner", "", "", (
        f"core: persistentvolumes: create delete {_READ}",
        f"core: persistentvolumeclaims: {_READ} update",
        f"storage.k8s.io: storageclasses: {_READ}",
        "core: events: watch",
        *_EVENTS,
    )),
    ("system:public-info-viewer", "", "", (f"url: {_HEALTH}: get",)),
    ("system:service-account-issuer-discovery", "", "",
     ("url: /.well-known/openid-configuration /openid/v1/jwks: get",)),
    ("system:volume-scheduler", "", "", (
        f"core: persistentvolumes: {_READ} patch update",
        f"storage.k8s.io: storageclasses: {_READ}",
        f"core: persistentvolumeclaims: {_READ} patch update",
    )),
)  # fmt: skip

# (namespace, name, rules)
_ROLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "kube-system",
        "extension-apiserver-authentication-reader",
        (f"core: configmaps [extension-apiserver-authentication]: {_READ}",),
    ),
)


class BuiltIn(Struct, frozen=True):
    """A role of every cluster: its rules, its labels, and the label whose roles it consists of."""

    name: str
    rules: List
    labels: Map
    aggregates: str = ""


@functools.cache
def cluster_roles() -> dict[str, BuiltIn]:
    """The ClusterRoles of every cluster that are known here, by name."""
    return {
        name: BuiltIn(
            name,
            List(_rule(text) for text in rules),
            Map({f"{_AGGREGATE}{label}": "true" for label in labels.split()}),
            f"{_AGGREGATE}{aggregates}" if aggregates else "",
        )
        for name, aggregates, labels, rules in _CLUSTER_ROLES
    }


@functools.cache
def roles() -> dict[tuple[str, str], BuiltIn]:
    """The Roles of every cluster that are known here, by namespace and name."""
    return {
        (namespace, name): BuiltIn(name, List(_rule(text) for text in rules), Map())
        for namespace, name, rules in _ROLES
    }


def _rule(text: str) -> Map:
    """One line of the tables above as a rule."""
    groups, resources, verbs = text.split(": ")
    if groups == "url":
        return Map({"nonResourceURLs": List(resources.split()), "verbs": List(verbs.split())})
    words = resources.split()
    names = [word.strip("[]") for word in words if word.startswith("[")]
    result = Map(
        {
            "apiGroups": List("" if group == "core" else group for group in groups.split()),
            "resources": List(word for word in words if not word.startswith("[")),
            "verbs": List(verbs.split()),
        }
    )
    if names:
        result["resourceNames"] = List(names)
    return result
