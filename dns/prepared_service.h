// PreparedService: what is worked out of a service when it is asked for, and kept with the
// snapshot's entry until that changes: for all its instances, and for each tag that is asked for.
// What one worker has made, all of them use. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/absence.h"
#include "dns/lookup.h"
#include "dns/service_view.h"
#include "dns/zone.h"
#include "registry/base/once_cell.h"
#include "registry/catalog/prepared.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

// What Lookup finds, and of a hit what that answers with.
struct PreparedAnswer {
  LookupState state = LookupState::kNxDomain;
  Absence absence = Absence::kNone;
  std::optional<ServiceView> view;  // of a hit
};

class PreparedService : public catalog::PreparedValue {
 public:
  // That of `service`, which is made when there is none. Null when another zone, of another shape,
  // has made one. Throws std::bad_alloc, as Find does.
  static const PreparedService* Of(const catalog::ServiceEntry& service, const Zone& zone);

  PreparedService(const catalog::ServiceEntry& service, const Zone& zone);

  // `tag` in lower case, empty for any; made when this is the first time. The zone is of the shape
  // that this was made for.
  const PreparedAnswer& Find(std::string_view tag, const Zone& zone) const;

  // The service's TTL in `zone`, in seconds.
  uint32_t Ttl(const Zone& zone) const;

 private:
  // For each health filter, which a running server may change.
  using Answers = std::array<OnceCell<PreparedAnswer>, 2>;

  // A tag of an instance, or its last labels, in lower case.
  struct Tag {
    std::string name;
    Answers answers;
  };
  struct Tags {
    explicit Tags(size_t count) : list(count) {}
    std::vector<Tag> list;  // sorted
  };

  std::unique_ptr<const Tags> ListTags() const;
  const PreparedAnswer& GetOrPrepare(const Answers& answers, std::string_view tag,
                                     const Zone& zone) const;

  const catalog::ServiceEntry& service_;  // whose slot this is in
  const uint64_t shape_;
  Answers answers_;  // for any tag
  OnceCell<Tags> tags_;
  mutable std::atomic<uint64_t> ttl_{0};  // of the zone of which serial: serial << 32 | seconds
};

}  // namespace rollcall::dns
