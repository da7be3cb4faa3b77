// The service mesh's settings, of which no service has any: each text is empty, each number 0, each
// flag false, each list empty.
#include "api/filter/schemas.h"

namespace rollcall::api::filter {
namespace {

using NothingFields = Fields<Nothing>;

Field<Nothing> NoText(std::string_view name) {
  return Text<Nothing>(name, [](const Nothing&) { return std::string_view(); });
}

Field<Nothing> NoNumber(std::string_view name) {
  return Number<Nothing>(name, [](const Nothing&) { return 0; });
}

Field<Nothing> NoFlag(std::string_view name) {
  return Flag<Nothing>(name, [](const Nothing&) { return false; });
}

Field<Nothing> NoObject(std::string_view name, const NothingFields& fields) {
  return Object<Nothing>(name, fields, [](const Nothing& nothing) { return nothing; });
}

Field<Nothing> NoObjects(std::string_view name, const NothingFields& fields) {
  return Objects<Nothing>(
      name, fields, [](const Nothing&) { return size_t{0}; },
      [](const Nothing& nothing, size_t) { return nothing; });
}

const NothingFields& GatewayFields() {
  static const NothingFields fields = {NoText("Mode")};
  return fields;
}

const NothingFields& UpstreamFields() {
  static const NothingFields fields = {NoText("DestinationType"),
                                       NoText("DestinationNamespace"),
                                       NoText("DestinationPartition"),
                                       NoText("DestinationPeer"),
                                       NoText("DestinationName"),
                                       NoText("Datacenter"),
                                       NoText("LocalBindAddress"),
                                       NoNumber("LocalBindPort"),
                                       NoText("LocalBindSocketPath"),
                                       NoText("LocalBindSocketMode"),
                                       NoObject("MeshGateway", GatewayFields())};
  return fields;
}

const NothingFields& ExposedPathFields() {
  static const NothingFields fields = {NoNumber("ListenerPort"), NoText("Path"),
                                       NoNumber("LocalPathPort"), NoText("Protocol"),
                                       NoFlag("ParsedFromCheck")};
  return fields;
}

const NothingFields& ExposeFields() {
  static const NothingFields fields = {NoFlag("Checks"), NoObjects("Paths", ExposedPathFields())};
  return fields;
}

const NothingFields& TransparentProxyFields() {
  static const NothingFields fields = {NoNumber("OutboundListenerPort"), NoFlag("DialedDirectly")};
  return fields;
}

}  // namespace

const Fields<Nothing>& ProxyFields() {
  static const NothingFields fields = {NoText("DestinationServiceName"),
                                       NoText("DestinationServiceID"),
                                       NoText("LocalServiceAddress"),
                                       NoNumber("LocalServicePort"),
                                       NoText("LocalServiceSocketPath"),
                                       NoText("Mode"),
                                       NoObjects("Upstreams", UpstreamFields()),
                                       NoObject("MeshGateway", GatewayFields()),
                                       NoObject("Expose", ExposeFields()),
                                       NoObject("TransparentProxy", TransparentProxyFields())};
  return fields;
}

const Fields<Nothing>& ConnectFields() {
  static const NothingFields fields = {NoFlag("Native")};
  return fields;
}

}  // namespace rollcall::api::filter
