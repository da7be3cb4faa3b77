// Nodes, instances, and the rows of catalog/service. A catalog index is no field: Consul's are
// none either.
#include "api/filter/schemas.h"

namespace rollcall::api::filter {

const Fields<model::ServiceAddress>& ServiceAddressFields() {
  using Address = model::ServiceAddress;
  static const Fields<Address> kFields = {
      Text<Address>("Address", [](const Address& a) -> std::string_view { return a.address; }),
      Number<Address>("Port", [](const Address& a) { return a.port; }),
  };
  return kFields;
}

const Fields<model::Weights>& WeightsFields() {
  using model::Weights;
  static const Fields<Weights> kFields = {
      Number<Weights>("Passing", [](const Weights& w) { return w.passing; }),
      Number<Weights>("Warning", [](const Weights& w) { return w.warning; }),
  };
  return kFields;
}

template <>
const Fields<NodeRecord>& FieldsOf() {
  using R = NodeRecord;
  static const Fields<R> kFields = {
      Text<R>("ID", [](const R& r) -> std::string_view { return r.node.id; }),
      Text<R>("Node", [](const R& r) -> std::string_view { return r.node.name; }),
      Text<R>("Address", [](const R& r) -> std::string_view { return r.node.address; }),
      Text<R>("Datacenter", [](const R& r) { return r.datacenter; }),
      TextMap<R>(
          "TaggedAddresses", [](const R& r) -> auto& { return r.node.tagged_addresses; }),
      TextMap<R>(
          "Meta", [](const R& r) -> auto& { return r.node.meta; }),
      Text<R>("PeerName", [](const R&) { return std::string_view(); }),
  };
  return kFields;
}

template <>
const Fields<model::Instance>& FieldsOf() {
  using R = model::Instance;
  static const Fields<R> kFields = {
      Text<R>("Kind", [](const R& r) -> std::string_view { return r.kind; }),
      Text<R>("ID", [](const R& r) -> std::string_view { return r.id; }),
      Text<R>("Service", [](const R& r) -> std::string_view { return r.service; }),
      Texts<R>(
          "Tags", [](const R& r) -> auto& { return r.tags; }),
      Text<R>("Address", [](const R& r) -> std::string_view { return r.address; }),
      ObjectMap<R>(
          "TaggedAddresses", ServiceAddressFields(),
          [](const R& r) -> auto& { return r.tagged_addresses; }),
      TextMap<R>(
          "Meta", [](const R& r) -> auto& { return r.meta; }),
      Number<R>("Port", [](const R& r) { return r.port; }),
      Text<R>("SocketPath", [](const R& r) -> std::string_view { return r.socket_path; }),
      Object<R>(
          "Weights", WeightsFields(), [](const R& r) -> auto& { return r.weights; }),
      Flag<R>("EnableTagOverride", [](const R& r) { return r.enable_tag_override; }),
      Object<R>("Proxy", ProxyFields(), [](const R&) { return Nothing{}; }),
      Object<R>("Connect", ConnectFields(), [](const R&) { return Nothing{}; }),
      Text<R>("PeerName", [](const R&) { return std::string_view(); }),
  };
  return kFields;
}

template <>
const Fields<CatalogServiceRecord>& FieldsOf() {
  using R = CatalogServiceRecord;
  static const Fields<R> kFields = {
      Text<R>("ID", [](const R& r) -> std::string_view { return r.node.id; }),
      Text<R>("Node", [](const R& r) -> std::string_view { return r.node.name; }),
      Text<R>("Address", [](const R& r) -> std::string_view { return r.node.address; }),
      Text<R>("Datacenter", [](const R& r) { return r.datacenter; }),
      TextMap<R>(
          "TaggedAddresses", [](const R& r) -> auto& { return r.node.tagged_addresses; }),
      TextMap<R>(
          "NodeMeta", [](const R& r) -> auto& { return r.node.meta; }),
      Text<R>("ServiceKind", [](const R& r) -> std::string_view { return r.instance.kind; }),
      Text<R>("ServiceID", [](const R& r) -> std::string_view { return r.instance.id; }),
      Text<R>("ServiceName", [](const R& r) -> std::string_view { return r.instance.service; }),
      Texts<R>(
          "ServiceTags", [](const R& r) -> auto& { return r.instance.tags; }),
      Text<R>("ServiceAddress", [](const R& r) -> std::string_view { return r.instance.address; }),
      ObjectMap<R>(
          "ServiceTaggedAddresses", ServiceAddressFields(),
          [](const R& r) -> auto& { return r.instance.tagged_addresses; }),
      TextMap<R>(
          "ServiceMeta", [](const R& r) -> auto& { return r.instance.meta; }),
      Number<R>("ServicePort", [](const R& r) { return r.instance.port; }),
      Text<R>("ServiceSocketPath",
              [](const R& r) -> std::string_view { return r.instance.socket_path; }),
      Object<R>(
          "ServiceWeights", WeightsFields(),
          [](const R& r) -> auto& { return r.instance.weights; }),
      Flag<R>("ServiceEnableTagOverride",
              [](const R& r) { return r.instance.enable_tag_override; }),
      Object<R>("ServiceProxy", ProxyFields(), [](const R&) { return Nothing{}; }),
      Object<R>("ServiceConnect", ConnectFields(), [](const R&) { return Nothing{}; }),
      Text<R>("PeerName", [](const R&) { return std::string_view(); }),
  };
  return kFields;
}

}  // namespace rollcall::api::filter
