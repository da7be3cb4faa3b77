#include "cli/store_settings.h"

#include <fstream>
#include <string>
#include <utility>

#include "cli/setting_values.h"

namespace rollcall::cli {
namespace {

// One line, the end of which is not part of it.
Result<std::string> ReadPassword(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    return BadSetting("etcd-password-file", path,
                      "expected a file whose first line is the password");
  }
  if (line.back() == '\r') line.pop_back();
  return line;
}

struct EtcdSetting {
  const char* flag;
  std::optional<std::string> ServerSettings::*written;
  std::string SharedStore::*meaning;
};
constexpr EtcdSetting kEtcdSettings[] = {
    {"etcd-password-file", &ServerSettings::etcd_password_file, &SharedStore::password_file},
    {"etcd-ca-file", &ServerSettings::etcd_ca_file, &SharedStore::ca_file},
    {"etcd-cert-file", &ServerSettings::etcd_cert_file, &SharedStore::cert_file},
    {"etcd-key-file", &ServerSettings::etcd_key_file, &SharedStore::key_file},
    {"etcd-server-name", &ServerSettings::etcd_server_name, &SharedStore::server_name},
};

Result<void> TakeSharedStore(SettingResolver& resolver, const std::string& url,
                             ServerOptions* options) {
  SharedStore shared;
  shared.url = url;
  for (const EtcdSetting& each : kEtcdSettings) {
    const std::string* text = resolver.Find(each.written);
    if (text == nullptr) continue;
    if (text->empty()) return BadSetting(each.flag, *text, "leave it out or give it a value");
    shared.*each.meaning = *text;
  }
  if (const auto etcd = EtcdOptionsOf(shared); !etcd) return etcd.error();
  options->shared_store = std::move(shared);
  return {};
}

}  // namespace

Result<store::EtcdOptions> EtcdOptionsOf(const SharedStore& shared) {
  Result<store::EtcdOptions> etcd = store::ParseEtcdUrl(shared.url);
  if (!etcd) return BadSetting("store", shared.url, etcd.error().message);
  if (!shared.password_file.empty()) {
    if (etcd->user.empty()) {
      return BadSetting("store", shared.url,
                        "a password is given but no user: etcd://USER@HOST:PORT");
    }
    Result<std::string> password = ReadPassword(shared.password_file);
    if (!password) return password.error();
    etcd->password = std::move(*password);
  } else if (!etcd->user.empty()) {
    return BadSetting("store", shared.url, "it names a user: give --etcd-password-file FILE too");
  }
  const bool has_tls_settings = !shared.ca_file.empty() || !shared.cert_file.empty() ||
                                !shared.key_file.empty() || !shared.server_name.empty();
  if (!etcd->tls) {
    if (!has_tls_settings) return etcd;
    return BadSetting("store", shared.url, "certificates are given: say etcds:// for TLS");
  }
  if (shared.cert_file.empty() != shared.key_file.empty()) {
    return InvalidArgument("--etcd-cert-file and --etcd-key-file go together");
  }
  etcd->tls->ca_file = shared.ca_file;
  etcd->tls->certificate_file = shared.cert_file;
  etcd->tls->key_file = shared.key_file;
  etcd->tls->server_name = shared.server_name;
  return etcd;
}

Result<void> TakeStoreSettings(SettingResolver& resolver, Storage storage, ServerOptions* options) {
  const std::string* data_dir = resolver.Find(&ServerSettings::data_dir);
  const std::string* url = resolver.Find(&ServerSettings::store);
  if (storage == Storage::kNothingKept) {
    if (data_dir != nullptr) {
      return BadSetting("data-dir", *data_dir, "--dev keeps nothing; leave one of them out");
    }
    if (url != nullptr) {
      return BadSetting("store", *url, "--dev keeps nothing; leave one of them out");
    }
  }
  if (url != nullptr) {
    if (data_dir != nullptr) {
      return BadSetting("store", *url,
                        "the catalog is kept there or in --data-dir; leave one of them out");
    }
    if (Result<void> ok = TakeSharedStore(resolver, *url, options); !ok) return ok;
  } else {
    for (const EtcdSetting& each : kEtcdSettings) {
      if (const std::string* text = resolver.Find(each.written)) {
        return BadSetting(each.flag, *text, "there is no --store etcd://... that it could be of");
      }
    }
  }
  if (storage == Storage::kDataDirectory && url == nullptr) {
    if (data_dir == nullptr || data_dir->empty()) {
      return InvalidArgument(
          "no data directory: give --data-dir DIR, --store etcd://HOST for several servers, or "
          "--dev "
          "to keep nothing");
    }
    options->data_dir = *data_dir;
  }
  resolver.Take(&ServerSettings::max_stale, &options->max_stale,
                TimeLimit("max-stale", "no limit"));
  return {};
}

}  // namespace rollcall::cli
