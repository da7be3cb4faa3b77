// Every field of every schema, by its place in Consul's tables: that it is there, is of its kind,
// and reads what it says.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/api/filter/samples.h"

namespace rollcall::api::filter {
namespace {

template <typename Record>
void ExpectHolds(const Record& record, std::initializer_list<std::string_view> expressions) {
  for (const std::string_view text : expressions) EXPECT_EQ(Ask(text, record), "yes") << text;
}

template <typename Record>
void ExpectNotValid(const Record& record, std::initializer_list<std::string_view> selectors) {
  for (const std::string_view selector : selectors) {
    EXPECT_EQ(Ask(std::string(selector) + " == 1", record),
              "Selector \"" + std::string(selector) + "\" is not valid");
  }
}

TEST(FilterSchemaTest, Node) {
  const model::Node node = SampleNode();
  const NodeRecord record{node, "dc1"};
  ExpectHolds(record, {
                          "ID == \"40e4a748-2192-161a-0510-9bf59fe950b5\"",
                          "Node == \"web-01\"",
                          "Address == \"10.0.0.1\"",
                          "Datacenter == dc1",
                          "lan in TaggedAddresses",
                          "TaggedAddresses.wan == \"192.0.2.1\"",
                          "Meta.os == linux",
                          "Meta[\"rack-unit\"] == 7",
                          "\"/Meta/rack-unit\" == 7",
                          "PeerName == \"\"",
                      });
  ExpectNotValid(record, {"bogus", "Name", "node", "CreateIndex", "ModifyIndex", "Node.Node",
                          "Meta.os.x", "TaggedAddresses.wan.Address"});
}

TEST(FilterSchemaTest, Instance) {
  const model::Instance instance = SampleInstance();
  ExpectHolds(instance, {
                            "Kind == typical",
                            "ID == \"api-1\"",
                            "Service == api",
                            "eu in Tags",
                            "Address == \"10.0.0.8\"",
                            "TaggedAddresses.wan.Port == 443",
                            "Meta.version == \"2.1\"",
                            "Port == 8080",
                            "SocketPath == \"/run/api.sock\"",
                            "Weights.Passing == 10",
                            "Weights.Warning == 2",
                            "EnableTagOverride == true",
                            "PeerName == \"\"",
                        });
  ExpectNotValid(instance, {"Node", "Datacenter", "ServiceName", "Weights.Critical", "Tags.x",
                            "Port.x", "TaggedAddresses.wan.Host", "CreateIndex", "ContentHash"});
}

TEST(FilterSchemaTest, CatalogService) {
  const model::Node node = SampleNode();
  const model::Instance instance = SampleInstance();
  const CatalogServiceRecord record{node, instance, "dc1"};
  ExpectHolds(record, {
                          "ID == \"40e4a748-2192-161a-0510-9bf59fe950b5\"",
                          "Node == \"web-01\"",
                          "Address == \"10.0.0.1\"",
                          "Datacenter == dc1",
                          "TaggedAddresses.lan == \"10.0.0.1\"",
                          "NodeMeta.os == linux",
                          "ServiceKind == typical",
                          "ServiceID == \"api-1\"",
                          "ServiceName == api",
                          "v2 in ServiceTags",
                          "ServiceAddress == \"10.0.0.8\"",
                          "ServiceTaggedAddresses.wan.Address == \"192.0.2.8\"",
                          "ServiceMeta.version == \"2.1\"",
                          "ServicePort == 8080",
                          "ServiceSocketPath == \"/run/api.sock\"",
                          "ServiceWeights.Passing == 10",
                          "ServiceWeights.Warning == 2",
                          "ServiceEnableTagOverride == true",
                          "ServiceProxy.DestinationServiceName == \"\"",
                          "ServiceConnect.Native == false",
                          "PeerName == \"\"",
                      });
  ExpectNotValid(record, {"bogus", "Meta", "Service", "Port", "ServiceConnect.Proxy"});
}

TEST(FilterSchemaTest, Check) {
  const model::Check check = SampleCheck();
  ExpectHolds(check, {
                         "Node == \"web-01\"",
                         "CheckID == \"service:api-1\"",
                         "Name == \"Service 'api' check\"",
                         "Status == warning",
                         "Notes contains health",
                         "Output matches \"very slow$\"",
                         "ServiceID == \"api-1\"",
                         "ServiceName == api",
                         "eu in ServiceTags",
                         "Type == http",
                         "PeerName == \"\"",
                     });
  ExpectNotValid(check, {"CheckId", "Definition", "Service", "CreateIndex"});
}

TEST(FilterSchemaTest, Health) {
  const auto entry = SampleEntry();
  const HealthRecord record{entry, "dc1"};
  ExpectHolds(record, {
                          "Node.Node == \"web-01\"",
                          "Node.Datacenter == dc1",
                          "Node.Meta.os == linux",
                          "Node.TaggedAddresses.wan == \"192.0.2.1\"",
                          "Service.ID == \"api-1\"",
                          "Service.Service == api",
                          "Service.Tags contains eu",
                          "Service.Port == 8080",
                          "Service.Meta.version == \"2.1\"",
                          "Service.TaggedAddresses.wan.Port == 443",
                          "Service.Weights.Warning == 2",
                          "Service.Proxy.Upstreams is empty",
                          "Service.Connect.Native != true",
                          "Checks.CheckID == serfHealth",
                          "Checks.Output contains slow",
                      });
  ExpectNotValid(record, {"ID", "Service.Name", "Service.Meta.a.b", "Checks.CheckId", "Checks.x",
                          "Checks.0.x", "AggregatedStatus"});
}

TEST(FilterSchemaTest, TheServiceMeshIsThereAndEmpty) {
  ExpectHolds(SampleInstance(), {
                                    "Proxy.DestinationServiceName == \"\"",
                                    "Proxy.DestinationServiceID == \"\"",
                                    "Proxy.LocalServiceAddress == \"\"",
                                    "Proxy.LocalServicePort == 0",
                                    "Proxy.LocalServiceSocketPath == \"\"",
                                    "Proxy.Mode == \"\"",
                                    "Proxy.TransparentProxy.OutboundListenerPort == 0",
                                    "Proxy.TransparentProxy.DialedDirectly == false",
                                    "Proxy.MeshGateway.Mode == \"\"",
                                    "Proxy.Expose.Checks == false",
                                    "Proxy.Expose.Paths is empty",
                                    "not Proxy.Expose.Paths.ListenerPort == 0",
                                    "not Proxy.Expose.Paths.Path == \"\"",
                                    "not Proxy.Expose.Paths.LocalPathPort == 0",
                                    "not Proxy.Expose.Paths.Protocol == \"\"",
                                    "not Proxy.Expose.Paths.ParsedFromCheck == false",
                                    "Proxy.Upstreams is empty",
                                    "not Proxy.Upstreams.DestinationType == \"\"",
                                    "not Proxy.Upstreams.DestinationNamespace == \"\"",
                                    "not Proxy.Upstreams.DestinationPartition == \"\"",
                                    "not Proxy.Upstreams.DestinationPeer == \"\"",
                                    "not Proxy.Upstreams.DestinationName == \"\"",
                                    "not Proxy.Upstreams.Datacenter == \"\"",
                                    "not Proxy.Upstreams.LocalBindAddress == \"\"",
                                    "not Proxy.Upstreams.LocalBindPort == 0",
                                    "not Proxy.Upstreams.LocalBindSocketPath == \"\"",
                                    "not Proxy.Upstreams.LocalBindSocketMode == \"\"",
                                    "not Proxy.Upstreams.MeshGateway.Mode == \"\"",
                                    "Connect.Native == false",
                                });
  ExpectNotValid(SampleInstance(), {"Proxy.Config", "Connect.SidecarService", "Proxy.Upstreams.x"});
}

}  // namespace
}  // namespace rollcall::api::filter
