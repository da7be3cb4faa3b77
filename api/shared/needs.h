// Needs: what a route demands of who asks. Every row of a route table, the registry's and the
// agent's, has one, so that no route can be without. A value: any thread.
// Source: Consul 1.8's HTTP API documentation, "ACL Required" of each endpoint, and its code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/acl/name_table.h"
#include "registry/acl/rules.h"

namespace rollcall::api {

struct Needs {
  enum class How : uint8_t {
    kNothing,   // anybody; no token is looked at, not even a wrong one
    kRefused,   // who may not is refused before the handler runs
    kJudged,    // the handler refuses, by what the request is about
    kFiltered,  // nobody is refused whose token is good; the answer has what he may see
    kServer,    // only the other servers of the same store, by a secret that they find there
    kPassedOn,  // whatever who answers instead demands: the registry, of what its agents pass on
  };
  // Where the name is that a resource is asked about.
  enum class Name : uint8_t { kOwnNode, kInPath, kInBody, kInCatalog };

  static Needs Nothing() { return {}; }
  static Needs OtherServer() { return {How::kServer, acl::Right::kWrite, {}, {}, {}, {}}; }
  static Needs OfWhoAnswers() { return {How::kPassedOn, acl::Right::kRead, {}, {}, {}, {}}; }
  // A token that is good, whatever it grants.
  static Needs Token() { return {How::kJudged, acl::Right::kRead, {}, {}, {}, {}}; }
  static Needs Read(acl::Scalar scalar) {
    return {How::kRefused, acl::Right::kRead, {scalar}, {}, Name::kOwnNode, {}};
  }
  static Needs Write(acl::Scalar scalar) {
    return {How::kRefused, acl::Right::kWrite, {scalar}, {}, Name::kOwnNode, {}};
  }
  // Of the server's own agent.
  static Needs ReadOwn(acl::Resource resource) {
    return {How::kRefused, acl::Right::kRead, {}, {resource}, Name::kOwnNode, {}};
  }
  static Needs WriteOwn(acl::Resource resource) {
    return {How::kRefused, acl::Right::kWrite, {}, {resource}, Name::kOwnNode, {}};
  }
  // Of what the path's parameter names.
  static Needs Read(acl::Resource resource, std::string_view parameter) {
    return {How::kRefused, acl::Right::kRead, {}, {resource}, Name::kInPath, parameter};
  }
  static Needs Write(acl::Resource resource, std::string_view parameter) {
    return {How::kRefused, acl::Right::kWrite, {}, {resource}, Name::kInPath, parameter};
  }
  // The handler finds the names, in the body or by an ID in the catalog; `resources`: each that can
  // be meant.
  static Needs Judged(acl::Right right, std::vector<acl::Resource> resources, Name name) {
    return {How::kJudged, right, {}, std::move(resources), name, {}};
  }
  // What is shown can be read in all of `resources`.
  static Needs Filtered(std::vector<acl::Resource> resources) {
    return {How::kFiltered, acl::Right::kRead, {}, std::move(resources), Name::kInCatalog, {}};
  }

  // "nothing", "a token", "operator:read", "node:write, service:write",
  // "node:read, service:read (what may not be read is left out)".
  std::string ToText() const;

  How how = How::kNothing;
  acl::Right right = acl::Right::kRead;
  std::vector<acl::Scalar> scalars;  // one, or none where resources are meant
  std::vector<acl::Resource> resources;
  Name name = Name::kOwnNode;
  std::string_view parameter;  // of the path, for kInPath
};

}  // namespace rollcall::api
