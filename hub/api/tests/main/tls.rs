//! Certificates, as OpenSSL sees them.

use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hub_api::SystemRandom;
use hub_api::tls::{CertificateParts, Certificates, Fingerprint, OwnFiles, TlsError};
use hub_model::time::ManualClock;
use hub_model::{Timestamp, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::encrypted::{client, connect};

const DAY: Duration = Duration::from_secs(86_400);

/// A folder, a clock and addresses for certificates.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    addresses: Arc<Mutex<Vec<IpAddr>>>,
    allowed_hosts: Vec<String>,
    own: Option<OwnFiles>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::at("2026-11-20T18:00:00Z".parse().unwrap())),
            addresses: Arc::new(Mutex::new(vec!["192.168.1.5".parse().unwrap(), "2001:db8::5".parse().unwrap()])),
            allowed_hosts: Vec::new(),
            own: None,
        }
    }

    pub(crate) fn tls(&self) -> PathBuf {
        self.folder.path().join("tls")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.tls().join(name)
    }

    fn has_addresses(&self, addresses: &[&str]) {
        *self.addresses.lock().unwrap() = addresses.iter().map(|address| address.parse().unwrap()).collect();
    }

    fn try_open(&self) -> Result<Arc<Certificates>, TlsError> {
        let addresses = Arc::clone(&self.addresses);
        Certificates::open(CertificateParts {
            folder: self.tls(),
            hub_id: "0123abcd".to_owned(),
            allowed_hosts: self.allowed_hosts.clone(),
            own: self.own.clone(),
            clock: Arc::clone(&self.clock) as Arc<dyn hub_model::Clock>,
            random: Arc::new(SystemRandom),
            addresses: Arc::new(move || addresses.lock().unwrap().clone()),
        })
    }

    pub(crate) fn open(&self) -> Arc<Certificates> {
        self.try_open().unwrap()
    }

    /// What OpenSSL says of the certificate that is kept, for a host at the clock's time.
    fn verify(&self, host: &str) -> String {
        let leaf: serde_json::Value =
            serde_json::from_slice(&std::fs::read(self.file("certificate.json")).unwrap()).unwrap();
        let file = self.folder.path().join("leaf.pem");
        std::fs::write(&file, leaf["certificate"].as_str().unwrap()).unwrap();
        let seconds = (hub_model::Clock::now(&*self.clock).time().milliseconds() / 1_000).to_string();
        verify(&self.file("authority.pem"), &file, host, &["-attime", &seconds])
    }
}

fn verify(authority: &Path, certificate: &Path, host: &str, more: &[&str]) -> String {
    let option = if host.parse::<IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" };
    let (authority, certificate) = (authority.to_str().unwrap(), certificate.to_str().unwrap());
    let fixed = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", authority, option, host];
    openssl(&[&fixed, more, &[certificate]].concat())
}

/// What OpenSSL prints.
fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Serves whoever comes with a greeting.
async fn serve(certificates: &Arc<Certificates>) -> std::net::SocketAddr {
    let acceptor = tokio_rustls::TlsAcceptor::from(certificates.server_config().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut byte = [0; 1];
                while stream.read_exact(&mut byte).await.is_ok() {
                    let _ = stream.write_all(&byte).await;
                }
            });
        }
    });
    address
}

#[test]
fn openssl_takes_the_certificate_for_its_names_only() {
    let mut bench = Bench::new();
    bench.allowed_hosts = vec!["hub.example".to_owned()];
    let certificates = bench.open();
    for host in ["hearth-abcd.local", "hearth.local", "localhost", "hub.example", "192.168.1.5", "127.0.0.1", "::1"] {
        assert!(bench.verify(host).ends_with("leaf.pem: OK\n"), "{host}: {}", bench.verify(host));
    }
    for host in ["other.local", "192.168.1.6", "2001:db8::5"] {
        assert!(bench.verify(host).contains("mismatch"), "{host}: {}", bench.verify(host));
    }
    for (file, mode) in [("authority.key", 0o600), ("certificate.json", 0o600), ("authority.pem", 0o644)] {
        assert_eq!(std::fs::metadata(bench.file(file)).unwrap().permissions().mode() & 0o777, mode, "{file}");
    }
    // The fingerprint is that of the key.
    let shown = openssl(&[
        "pkey",
        "-in",
        bench.file("authority.key").to_str().unwrap(),
        "-pubout",
        "-outform",
        "DER",
        "-out",
        bench.folder.path().join("key.der").to_str().unwrap(),
    ]);
    assert_eq!(shown, "");
    let sum = openssl(&["dgst", "-sha256", bench.folder.path().join("key.der").to_str().unwrap()]);
    assert!(sum.trim().ends_with(&certificates.fingerprint().to_string()), "{sum}");
    let text =
        openssl(&["x509", "-in", bench.file("authority.pem").to_str().unwrap(), "-noout", "-fingerprint", "-sha256"]);
    assert!(text.contains(&Fingerprint::of_certificate(&certificates.authority().unwrap().der).in_pairs()), "{text}");
    let text = openssl(&["x509", "-in", bench.file("authority.pem").to_str().unwrap(), "-noout", "-text"]);
    for wanted in [
        "X509v3 Name Constraints: critical",
        "DNS:hub.example",
        "IP:192.168.0.0/255.255.0.0",
        "CA:TRUE, pathlen:0",
        "TLS Web Server Authentication\n",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
}

#[test]
fn the_authority_cannot_vouch_for_others() {
    let bench = Bench::new();
    bench.open();
    let at = |name: &str| bench.folder.path().join(name).to_str().unwrap().to_owned();
    let authority = |name: &str| bench.file(name).to_str().unwrap().to_owned();
    for (san, host) in [
        ("DNS:bank.example", "bank.example"),
        ("IP:8.8.8.8", "8.8.8.8"),
        ("DNS:hearth-abcd.local", "hearth-abcd.local"),
    ] {
        std::fs::write(
            at("ext"),
            format!(
                "subjectAltName={san}\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n\
            authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\nbasicConstraints=critical,CA:FALSE\n"
            ),
        )
        .unwrap();
        openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=x",
            "-keyout",
            &at("thief.key"),
            "-out",
            &at("thief.csr"),
        ]);
        openssl(&[
            "x509",
            "-req",
            "-in",
            &at("thief.csr"),
            "-CA",
            &authority("authority.pem"),
            "-CAkey",
            &authority("authority.key"),
            "-set_serial",
            "7",
            "-days",
            "3650",
            "-extfile",
            &at("ext"),
            "-out",
            &at("thief.pem"),
        ]);
        let said = verify(&bench.file("authority.pem"), Path::new(&at("thief.pem")), host, &[]);
        if host == "hearth-abcd.local" {
            assert!(said.ends_with(": OK\n"), "{said}");
        } else {
            assert!(said.contains("permitted subtree violation"), "{host}: {said}");
        }
    }
}

#[test]
fn the_authority_signs_neither_mail_nor_programs() {
    let bench = Bench::new();
    bench.open();
    let at = |name: &str| bench.folder.path().join(name).to_str().unwrap().to_owned();
    let (pem, key) = (bench.file("authority.pem"), bench.file("authority.key"));
    let extensions = "extendedKeyUsage=serverAuth,clientAuth,emailProtection,codeSigning\nauthorityKeyIdentifier=keyid\n\
                      subjectKeyIdentifier=hash\nkeyUsage=digitalSignature\nbasicConstraints=critical,CA:FALSE\n";
    std::fs::write(at("ext"), extensions).unwrap();
    let request = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"];
    openssl(&[&request[..], &["-keyout", &at("thief.key"), "-out", &at("thief.csr")]].concat());
    let (pem, key) = (pem.to_str().unwrap(), key.to_str().unwrap());
    let sign = ["x509", "-req", "-CA", pem, "-CAkey", key, "-set_serial", "7", "-days", "3650"];
    openssl(&[&sign[..], &["-in", &at("thief.csr"), "-extfile", &at("ext"), "-out", &at("thief.pem")]].concat());
    for (purpose, is_taken) in [("sslserver", true), ("sslclient", false), ("smimesign", false), ("codesign", false)] {
        let said = openssl(&["verify", "-purpose", purpose, "-CAfile", pem, &at("thief.pem")]);
        assert_eq!(said.ends_with(": OK\n"), is_taken, "{purpose}: {said}");
    }
}

#[tokio::test]
async fn a_certificate_is_made_anew_in_time_and_nobody_is_cut_off() {
    let bench = Bench::new();
    let certificates = bench.open();
    let address = serve(&certificates).await;
    let fingerprint = certificates.fingerprint();
    let mut held = connect(address, &client(&bench.tls(), &bench.clock), "hearth-abcd.local").await.unwrap();
    let first = std::fs::read(bench.file("certificate.json")).unwrap();
    let look = |what: &str, is_new: bool| {
        let before = std::fs::read(bench.file("certificate.json")).unwrap();
        assert_eq!(certificates.look(), [], "{what}");
        assert_eq!(before != std::fs::read(bench.file("certificate.json")).unwrap(), is_new, "{what}");
        assert!(bench.verify("hearth-abcd.local").ends_with(": OK\n"), "{what}");
    };
    look("at once", false);
    bench.clock.advance(260 * DAY);
    look("more than a third of its life is left", false);
    bench.clock.advance(10 * DAY);
    look("less than a third of its life is left", true);
    bench.has_addresses(&["192.168.1.5", "fd77::5"]);
    look("an address came", true);
    assert!(bench.verify("fd77::5").ends_with(": OK\n"));
    bench.has_addresses(&["192.168.1.5"]);
    look("an address went", false);
    bench.has_addresses(&["192.168.1.5", "203.0.113.7"]);
    look("an address of the internet", false);
    // What was begun goes on; who comes now sees the new one.
    held.write_all(b"x").await.unwrap();
    assert_eq!(held.read_u8().await.unwrap(), b'x');
    let fresh = connect(address, &client(&bench.tls(), &bench.clock), "hearth-abcd.local").await.unwrap();
    let shown = |stream: &tokio_rustls::client::TlsStream<TcpStream>| {
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    };
    assert_ne!(shown(&held), shown(&fresh));
    assert_eq!(certificates.fingerprint(), fingerprint);
    assert_ne!(first, std::fs::read(bench.file("certificate.json")).unwrap());
    // The same after a restart.
    drop(certificates);
    let kept = std::fs::read(bench.file("certificate.json")).unwrap();
    assert_eq!(bench.open().fingerprint(), fingerprint);
    assert_eq!(std::fs::read(bench.file("certificate.json")).unwrap(), kept);
}

#[test]
fn a_clock_that_knows_nothing_makes_a_certificate_that_holds() {
    let bench = Bench::new();
    let is_good = |when: &str| {
        bench.clock.jump_to(when.parse().unwrap(), Trust::Ntp);
        bench.verify("hearth.local").ends_with(": OK\n")
    };
    bench.clock.jump_to(Timestamp(0), Trust::Persisted);
    let certificates = bench.open();
    // Whoever knows the time takes it.
    assert!(is_good("2026-11-20T18:00:00Z"));
    assert_eq!(certificates.look(), []);
    // Made anew by the better clock.
    assert!(is_good("2027-12-10T00:00:00Z"));
    // A clock that was ahead is put right.
    bench.clock.jump_to("2035-01-01T00:00:00Z".parse().unwrap(), Trust::Rtc);
    certificates.look();
    assert!(!is_good("2026-11-20T18:00:00Z"));
    certificates.look();
    assert!(is_good("2026-11-20T18:00:00Z"));
}

#[test]
fn damage_is_mended_but_the_key_that_all_trust_is_not_replaced() {
    let bench = Bench::new();
    let fingerprint = bench.open().fingerprint();
    let write = |name: &str, text: &str| std::fs::write(bench.file(name), text).unwrap();
    let whole = std::fs::read_to_string(bench.file("certificate.json")).unwrap();
    for damaged in ["", "{}", &whole.replace("BEGIN", "BEGUN"), &whole.replacen('A', "B", 40)] {
        write("certificate.json", damaged);
        assert_eq!(bench.open().fingerprint(), fingerprint);
        assert!(bench.verify("localhost").ends_with(": OK\n"), "{damaged}");
        assert!(bench.file("certificate.damaged").exists());
    }
    // The authority's certificate is made again of its key.
    for damaged in ["", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"] {
        write("authority.pem", damaged);
        assert_eq!(bench.open().fingerprint(), fingerprint);
        assert!(bench.verify("localhost").ends_with(": OK\n"), "{damaged}");
    }
    std::fs::remove_file(bench.file("authority.pem")).unwrap();
    assert_eq!(bench.open().fingerprint(), fingerprint);
    // Without its key the hub shows what it has, and says so.
    let key = std::fs::read_to_string(bench.file("authority.key")).unwrap();
    for lost in [Some("no key"), None] {
        match lost {
            Some(text) => write("authority.key", text),
            None => std::fs::remove_file(bench.file("authority.key")).unwrap(),
        }
        let certificates = bench.open();
        assert_eq!(certificates.fingerprint(), fingerprint);
        let troubles = certificates.look();
        assert_eq!(troubles[0].code, "certificate_authority_lost");
        assert!(troubles[0].text.starts_with("The key of the hub's certificate authority is lost"), "{troubles:?}");
        assert_eq!(std::fs::read_to_string(bench.file("authority.key")).ok().as_deref(), lost);
    }
    std::fs::rename(bench.file("certificate.json"), bench.file("aside")).unwrap();
    assert!(matches!(bench.try_open(), Err(TlsError::AuthorityLost { .. })));
    // Half a restore: a new authority would be another hub.
    std::fs::rename(bench.file("aside"), bench.file("certificate.json")).unwrap();
    std::fs::remove_file(bench.file("authority.pem")).unwrap();
    assert!(matches!(bench.try_open(), Err(TlsError::AuthorityLost { .. })));
    assert!(!bench.file("authority.key").exists() && bench.file("certificate.json").exists());
    write("authority.key", &key);
    assert_eq!((bench.open().fingerprint(), bench.open().look()), (fingerprint, vec![]));
}

#[test]
fn a_name_that_the_authority_does_not_know_spoils_nothing() {
    let mut bench = Bench::new();
    let fingerprint = bench.open().fingerprint();
    bench.allowed_hosts = vec!["late.example".to_owned()];
    let certificates = bench.open();
    assert_eq!(certificates.fingerprint(), fingerprint);
    assert!(bench.verify("hearth-abcd.local").ends_with(": OK\n"));
    let troubles = certificates.look();
    assert_eq!(troubles[0].code, "certificate_lacks_name");
    assert!(troubles[0].text.contains("late.example"), "{troubles:?}");
}

#[test]
fn two_hubs_are_two() {
    let (one, other) = (Bench::new(), Bench::new());
    assert_ne!(one.open().fingerprint(), other.open().fingerprint());
    let said = verify(
        &other.file("authority.pem"),
        &{
            one.verify("localhost");
            one.folder.path().join("leaf.pem")
        },
        "localhost",
        &[],
    );
    assert!(said.contains("error"), "{said}");
}

/// A certificate of the owner's own, for `hub.example`.
fn make_own(folder: &Path, name: &str, days: &str) -> OwnFiles {
    let at = |ending: &str| folder.join(format!("{name}.{ending}"));
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        days,
        "-subj",
        "/CN=hub.example",
        "-addext",
        "subjectAltName=DNS:hub.example",
        "-keyout",
        at("key").to_str().unwrap(),
        "-out",
        at("pem").to_str().unwrap(),
    ]);
    OwnFiles { certificate: at("pem"), key: at("key") }
}

#[test]
fn the_owners_certificate_is_read_anew_and_a_bad_one_is_not_shown() {
    let mut bench = Bench::new();
    let folder = bench.folder.path().to_owned();
    let (first, second) = (make_own(&folder, "first", "3650"), make_own(&folder, "second", "3650"));
    let own = OwnFiles { certificate: folder.join("own.pem"), key: folder.join("own.key") };
    let put = |files: &OwnFiles| {
        std::fs::copy(&files.certificate, &own.certificate).unwrap();
        std::fs::copy(&files.key, &own.key).unwrap();
    };
    bench.own = Some(own.clone());
    assert!(bench.try_open().unwrap_err().to_string().contains("own.pem: there is no such file"));
    put(&first);
    let certificates = bench.open();
    assert!(certificates.authority().is_none() && !bench.tls().exists());
    let shown = certificates.fingerprint();
    assert_eq!(certificates.look(), []);
    put(&second);
    assert_eq!(certificates.look(), []);
    let now = certificates.fingerprint();
    assert_ne!(now, shown);
    for (file, text, wanted) in [
        (&own.key, std::fs::read_to_string(&first.key).unwrap(), "own.key: it is not the key of the certificate"),
        (&own.key, "-----BEGIN".to_owned(), "own.key: "),
        (&own.certificate, String::new(), "own.pem: there is no certificate in it"),
    ] {
        put(&second);
        std::fs::write(file, text).unwrap();
        let troubles = certificates.look();
        assert_eq!(troubles[0].code, "own_certificate_bad");
        assert!(troubles[0].text.contains(wanted), "{troubles:?}");
        assert_eq!(certificates.look(), troubles, "it is said for as long as it is so");
        assert_eq!(certificates.fingerprint(), now);
    }
    put(&second);
    assert_eq!(certificates.look(), []);
}

#[test]
fn the_end_of_the_owners_certificate_is_said() {
    let mut bench = Bench::new();
    let folder = bench.folder.path().to_owned();
    let at_end = |days: &str| {
        let own = make_own(&folder, days, days);
        // OpenSSL goes by the machine's clock.
        let text =
            openssl(&["x509", "-in", own.certificate.to_str().unwrap(), "-noout", "-enddate", "-dateopt", "iso_8601"]);
        let end: Timestamp = text.trim().trim_start_matches("notAfter=").replacen(' ', "T", 1).parse().unwrap();
        (own, end)
    };
    let (own, end) = at_end("90");
    bench.own = Some(own);
    let said = |bench: &Bench, days_left: i64| {
        bench.clock.jump_to(Timestamp(end.0 - days_left * 86_400_000 + 3_600_000), Trust::Ntp);
        let troubles = bench.open().look();
        assert!(troubles.iter().all(|trouble| trouble.code == "own_certificate_bad"));
        troubles.into_iter().map(|trouble| trouble.text).collect::<String>()
    };
    for (days_left, wanted) in [
        (91, ""),
        (89, ""),
        (15, ""),
        (14, "is over in 14 days"),
        (2, "is over in 2 days"),
        (1, "is over in less than a day"),
        (0, "is over, and browsers"),
        (-900, "is over, and browsers"),
    ] {
        let said = said(&bench, days_left);
        assert!(said.contains(wanted) && said.is_empty() == wanted.is_empty(), "{days_left}: {said}");
    }
    // One that lives for days only.
    let (own, end) = at_end("6");
    bench.own = Some(own);
    bench.clock.jump_to(end.minus(DAY), Trust::Ntp);
    assert_eq!(bench.open().look(), []);
    bench.clock.jump_to(end.plus(DAY), Trust::Ntp);
    assert_eq!(bench.open().look()[0].code, "own_certificate_bad");
}
