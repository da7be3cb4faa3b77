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
  static const NothingFields kFields = {NoText("Mode")};
  return kFields;
}

const NothingFields& UpstreamFields() {
  static const NothingFields kFields = {NoText("DestinationType"),
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
  return kFields;
}

const NothingFields& ExposedPathFields() {
  static const NothingFields kFields = {NoNumber("ListenerPort"), NoText("Path"),
                                        NoNumber("LocalPathPort"), NoText("Protocol"),
                                        NoFlag("ParsedFromCheck")};
  return kFields;
}

const NothingFields& ExposeFields() {
  static const NothingFields kFields = {NoFlag("Checks"), NoObjects("Paths", ExposedPathFields())};
  return kFields;
}

const NothingFields& TransparentProxyFields() {
  static const NothingFields kFields = {NoNumber("OutboundListenerPort"), NoFlag("DialedDirectly")};
  return kFields;
}

}  // namespace

const Fields<Nothing>& ProxyFields() {
  static const NothingFields kFields = {NoText("DestinationServiceName"),
                                        NoText("DestinationServiceID"),
                                        NoText("LocalServiceAddress"),
                                        NoNumber("LocalServicePort"),
                                        NoText("LocalServiceSocketPath"),
                                        NoText("Mode"),
                                        NoObjects("Upstreams", UpstreamFields()),
                                        NoObject("MeshGateway", GatewayFields()),
                                        NoObject("Expose", ExposeFields()),
                                        NoObject("TransparentProxy", TransparentProxyFields())};
  return kFields;
}

const Fields<Nothing>& ConnectFields() {
  static const NothingFields kFields = {NoFlag("Native")};
  return kFields;
}

}  // namespace rollcall::api::filter
