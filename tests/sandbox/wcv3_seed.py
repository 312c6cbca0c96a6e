"""Fills the wc/v3 stand-in with a catalogue that "was there before": many products in one call.

A product is written as in POST /products, with more: `variations` (as in POST
/products/ID/variations), `id`, `date_modified_gmt`, categories as paths of names
(["Licht", "Leuchten"]), attributes with "global": true, images with a `sha256` in place of a
download. What is refused ends the call and is named; what came before it stays.
"""
from wcv3_store import WcError, parse_us

OWN = {"variations", "id", "date_modified_gmt"}


class SeedMixin:
    def seed(self, sent, fetched):
        unknown = set(sent) - {"products", "categories", "attributes"}
        if unknown:
            raise WcError(400, "sandbox_bad_seed", "seed takes no " + ", ".join(sorted(unknown)))
        writes = {k: self.facts[k] for k in ("items_written", "items_refused", "image_uploads")}
        for path in sent.get("categories", []):
            self._seed_category(path)
        for attribute in sent.get("attributes", []):
            self._seed_attribute(attribute)
        made = []
        for position, product in enumerate(sent.get("products", [])):
            try:
                made.append(self._seed_product(product, fetched))
            except WcError as wrong:
                what = product.get("sku") or product.get("name") or ""
                params = wrong.body["data"].get("params", "")
                raise WcError(400, "sandbox_bad_seed", f"products[{position}] {what}: "
                              f"{wrong.body['message']} {params}") from wrong
        self.facts.update(writes)                # nobody wrote this: it was there
        self.touch()
        return {"products": len(made), "variations": sum(len(m["variations"]) for m in made),
                "made": made}

    def _seed_product(self, product, fetched, parent=None):
        body = {k: v for k, v in product.items() if k not in OWN}
        if body.get("attributes") and parent is None:
            body["attributes"] = [self._seed_declared(a) for a in body["attributes"]]
        if "categories" in body:
            body["categories"] = [c if isinstance(c, dict) else {"id": self._seed_category(c)}
                                  for c in body["categories"]]
        for name in ("images", "image"):
            if body.get(name):
                images = body[name] if name == "images" else [body[name]]
                images = [self._seed_image(i) for i in images]
                body[name] = images if name == "images" else images[0]
        row = self.save_product(body, None, parent, fetched)
        row = self._seed_place(row, product, parent)
        children = [self._seed_product(v, fetched, row["id"])
                    for v in product.get("variations", [])]
        made = {"id": row["id"], "sku": row["sku"]}
        return made if parent is not None else dict(made, variations=children)

    def _seed_place(self, row, product, parent):
        """The id and the dates that it had."""
        if "id" not in product and not product.get("date_modified_gmt"):
            return row
        kind = "product" if parent is None else "variation"
        wanted = product.get("id", row["id"])
        if wanted != row["id"]:
            if any(wanted in self.rows[k] for k in ("product", "variation", "order", "image")):
                raise WcError(400, "sandbox_id_taken", f"Id {wanted} is taken.")
            self.put(kind, row["id"], None)
            row = dict(row, id=wanted)
            self.facts["next_id"] = max(self.facts["next_id"], wanted + 1)
        if product.get("date_modified_gmt"):
            row = dict(row, date_modified_us=parse_us(product["date_modified_gmt"]))
        self.put(kind, row["id"], row)
        return row

    def _seed_category(self, path):
        path, parent = [path] if isinstance(path, str) else list(path), 0
        for name in path:
            found = self.category_names.get((parent, self.text(name)))
            if found not in self.rows["category"]:
                found = next((c["id"] for c in self.rows["category"].values()
                              if c["parent"] == parent and c["name"] == self.text(name)), None)
            if found is None:
                found = self.save_category({"name": name, "parent": parent}, None, None,
                                           False)["id"]
            self.category_names[parent, self.text(name)] = found
            parent = found
        return parent

    def _seed_attribute(self, attribute):
        found = next((a["id"] for a in self.rows["attribute"].values()
                      if a["name"] == self.text(attribute["name"])), None)
        return found or self.save_attribute(attribute, None, False)["id"]

    def _seed_declared(self, attribute):
        attribute = dict(attribute)
        if attribute.pop("global", False):
            attribute["id"] = self._seed_attribute({"name": attribute.pop("name")})
        return attribute

    def _seed_image(self, image):
        if not image.get("sha256"):
            return image
        image_id = self.add_image(image.get("src") or "image.jpg", image["sha256"], 0)
        return dict({k: image[k] for k in ("name", "alt") if k in image}, id=image_id)
