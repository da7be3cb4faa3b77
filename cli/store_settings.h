// The settings of a store that several servers share. Called once, at start. Plain values.
#pragma once

#include "cli/setting_resolver.h"
#include "registry/base/result.h"
#include "registry/store/etcd/options.h"

namespace rollcall::cli {

// Takes where the catalog is kept, and how that is reached. Errors are kInvalidArgument, one line.
Result<void> TakeStoreSettings(SettingResolver& resolver, Storage storage, ServerOptions* options);

// Of --store: as the URL says, with the password that is in the file now.
Result<store::EtcdOptions> EtcdOptionsOf(const SharedStore& store);

}  // namespace rollcall::cli
