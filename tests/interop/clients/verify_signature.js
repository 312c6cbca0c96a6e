// Verifies signed messages by xml-crypto, which node-soap signs with. Reads a JSON list of
// {"xml": TEXT, "certificate": PEM} from standard input, prints a JSON list of {"ok": FLAG,
// "covers": [names of the elements that were signed], "error": TEXT}.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const { DOMParser } = require("@xmldom/xmldom");
const { SignedXml } = require("xml-crypto");
const xpath = require("xpath");

const DS = "http://www.w3.org/2000/09/xmldsig#";
const MORE = "http://www.w3.org/2001/04/xmldsig-more#";

// Not among its own; the octets and their canonical form stay xml-crypto's.
function ecdsa(name) {
  return class {
    verifySignature(material, key, value) {
      const made = crypto.createVerify(name).update(material);
      return made.verify({ key, dsaEncoding: "ieee-p1363" }, value, "base64");
    }
    getAlgorithmName() {
      return MORE + "ecdsa-" + name.toLowerCase();
    }
  };
}

function verify(job) {
  const doc = new DOMParser().parseFromString(job.xml, "text/xml");
  const signature = xpath.select(`//*[local-name()='Signature' and namespace-uri()='${DS}']`, doc);
  const check = new SignedXml({
    publicCert: job.certificate,
    idMode: "wssecurity",
    getCertFromKeyInfo: () => null,
  });
  for (const name of ["SHA256", "SHA384", "SHA512"])
    check.SignatureAlgorithms[MORE + "ecdsa-" + name.toLowerCase()] = ecdsa(name);
  try {
    check.loadSignature(signature[0]);
    const ok = check.checkSignature(job.xml);
    const covers = !ok ? [] : check.getSignedReferences().map(
      (octets) => new DOMParser().parseFromString(octets, "text/xml").documentElement.localName);
    return { ok, covers, error: "" };
  } catch (problem) {
    return { ok: false, covers: [], error: String(problem) };
  }
}

process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).map(verify)));
