"""Categories, global attributes and their terms of the wc/v3 stand-in, by the shop's own rules."""
import collections
import html
import re
import unicodedata
import urllib.parse

from wcv3_store import WcError

SLUG_BYTES = 28
DEFAULT_CATEGORY = 15
GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe",
                        "Ü": "Ue", "×": "x"})
RESERVED = set(
    "attachment attachment_id author author_name calendar cat category category__and category__in "
    "category__not_in category_name comments_per_page comments_popup cpage day debug error exact "
    "feed hour link_category m minute monthnum more name nav_menu nopaging offset order orderby p "
    "page page_id paged pagename pb perm post post__in post__not_in post_format post_mime_type "
    "post_status post_tag post_type posts posts_per_archive_page posts_per_page preview robots s "
    "search second sentence showposts static subpost subpost_id tag tag__and tag__in tag__not_in "
    "tag_id tag_slug__and tag_slug__in taxonomy tb term type w withcomments withoutcomments "
    "year".split())


def slugify(text):
    """What the shop makes of a title: German spelling of umlauts, a-z, digits and hyphens."""
    text = re.sub(r"<[^>]*>|&[^;\s]+;", "", text).translate(GERMAN)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = urllib.parse.quote(text.lower(), safe=" !\"#$&'()*+,./:;<=>?@[\\]^_`{|}~-")
    text = re.sub(r"[./]|%e2%80%9[34]|%c2%a0", "-", text.lower())
    text = re.sub(r"[^%a-z0-9 _-]", "", text)
    return re.sub(r"-+", "-", re.sub(r"\s+", "-", text)).strip("-")[:200]


def collate(text):
    """The database finds a name without regard to case and accents."""
    text = unicodedata.normalize("NFKD", html.unescape(text).casefold())
    return "".join(c for c in text if not unicodedata.combining(c)).strip()


def _unknown(code="woocommerce_rest_term_invalid"):
    return WcError(404, code, "Resource does not exist.")


class TermsMixin:
    """The part of the shop that keeps taxonomies."""

    def begin_terms(self):
        self.by_name = {}                # (attribute, collated name) -> term ids
        self.by_slug = {}                # (attribute, slug) -> term id
        self.category_names = {}         # (parent, name) -> id, as a seed has found them
        for row in self.rows["term"].values():
            self._note_name(row)
        self.rows["category"].setdefault(DEFAULT_CATEGORY, {
            "id": DEFAULT_CATEGORY, "name": "Uncategorized", "slug": "uncategorized", "parent": 0,
            "description": "", "display": "default", "image": 0, "menu_order": 0})

    def _note_name(self, row):
        ids = self.by_name.setdefault((row["attribute"], collate(row["name"])), [])
        if row["id"] not in ids:
            ids.append(row["id"])
        self.by_slug[row["attribute"], row["slug"]] = row["id"]

    def _forget_name(self, row):
        self.by_name[row["attribute"], collate(row["name"])].remove(row["id"])
        self.by_slug.pop((row["attribute"], row["slug"]), None)

    def _no_trash(self, force):
        if not force:
            raise WcError(501, "woocommerce_rest_trash_not_supported",
                          "Resource does not support trashing.")

    @staticmethod
    def _unique_slug(slug, taken, parents=()):
        """Never refused: the shop appends the parents' slugs, then a number."""
        for parent in parents:
            if slug in taken:
                slug = f"{slug}-{parent}"
        number = 2
        while slug in taken:
            slug, number = f"{re.sub(r'-[0-9]+$', '', slug) if number > 2 else slug}-{number}", \
                number + 1
        return slug

    # ---- categories

    def get_category(self, category_id):
        row = self.rows["category"].get(category_id)
        if row is None:
            raise _unknown()
        return row

    def _category_slugs(self, but=None):
        return {r["slug"] for r in self.rows["category"].values() if r["id"] != but}

    def save_category(self, body, category_id, fetched, single):
        self.check("product_category", body)
        old = None if category_id is None else self.get_category(category_id)
        row = dict(old) if old else {"id": 0, "name": "", "slug": "", "parent": 0,
                                     "description": "", "display": "default", "image": 0,
                                     "menu_order": 0}
        row.update({k: v for k, v in body.items() if k not in ("image", "slug")})
        row["name"] = self.text(row["name"].strip())
        row["description"] = self.text(row["description"])
        slug = slugify(body.get("slug") or "")
        if old is None:
            self._new_term(row, body, slug, single, self.rows["category"].values())
            row["slug"] = self._unique_slug(slug or slugify(row["name"]), self._category_slugs(),
                                            self._slugs_above(row["parent"]))
        elif "slug" in body:
            self._changed_slug(row, old, slug, self._category_slugs(row["id"]))
        if body.get("image") is not None:
            row["image"] = self._category_image(body["image"], fetched)
        if old is None:
            row["id"] = self.next("next_term")
        elif row["parent"] != old["parent"]:
            self._break_loops(row)
        self.put("category", row["id"], row)
        return row

    def _category_image(self, image, fetched):
        if not image.get("id") and not image.get("src"):
            return 0
        try:
            return self.take_image(image, fetched)
        except WcError as wrong:
            if wrong.body["code"].endswith("upload_error"):
                raise WcError(400, "woocommerce_rest_invalid_remote_image_url",
                              wrong.body["message"]) from wrong
            return 0                     # an unknown id takes the picture away, without a word

    def _new_term(self, row, body, slug, single, others):
        """Refuses a name that its siblings have, unless a free slug of its own comes with it."""
        if not row["name"]:
            if single:
                raise WcError(400, "rest_missing_callback_param", "Missing parameter(s): name",
                              params=["name"])
            raise WcError(400, "empty_term_name", "A name is required for this term.")
        parent = row.get("parent")
        if parent and parent not in self.rows["category"]:
            raise WcError(400, "missing_parent", "Parent term does not exist.")
        others = list(others)
        same = [r for r in others if r.get("parent") == parent
                and r["name"].lower() == row["name"].lower()]
        if same and (not slug or any(r["slug"] == slug for r in others)):
            where = "in this taxonomy" if parent is None else "with this parent"
            raise WcError(400, "term_exists",
                          f"A term with the name provided already exists {where}.",
                          resource_id=same[0]["id"])

    def _slugs_above(self, category_id):
        above = []
        while category_id and len(above) < 50:
            row = self.rows["category"][category_id]
            above.append(row["slug"])
            category_id = row["parent"]
        return above

    def _changed_slug(self, row, old, slug, taken):
        if not slug:
            row["slug"] = self._unique_slug(slugify(row["name"]), taken)
        elif slug not in taken:
            row["slug"] = slug
        elif row.get("parent") != old.get("parent"):
            row["slug"] = self._unique_slug(slug, taken)
        else:                            # the shop forgets to say a status: it becomes 500
            raise WcError(500, "duplicate_term_slug",
                          f"The slug “{slug}” is already in use by another term.")

    def _break_loops(self, row):
        if row["parent"] and row["parent"] not in self.rows["category"]:
            raise WcError(400, "missing_parent", "Parent term does not exist.")
        seen, at = [], row["parent"]
        while at and at != row["id"] and at not in seen:
            seen.append(at)
            at = self.rows["category"][at]["parent"]
        if at == row["id"]:              # its own descendant: the chain is cut open
            for other in seen:
                self.put("category", other, dict(self.rows["category"][other], parent=0))
            row["parent"] = row["parent"] if seen else 0

    def delete_category(self, category_id, force):
        row = self.get_category(category_id)
        self._no_trash(force)
        if category_id == DEFAULT_CATEGORY:
            raise WcError(500, "woocommerce_rest_cannot_delete",
                          "Default product category cannot be deleted.")
        for other in list(self.rows["category"].values()):
            if other["parent"] == category_id:
                self.put("category", other["id"], dict(other, parent=row["parent"]))
        for product_id in list(self.in_category.get(category_id, ())):
            product = dict(self.rows["product"][product_id])
            kept = [c for c in product["categories"] if c != category_id]
            product["categories"] = kept or [DEFAULT_CATEGORY]
            self.put("product", product_id, product)
        shown = self.show_category(row)
        self.put("category", category_id, None)
        return shown

    def show_category(self, row):
        members = self.in_category.get(row["id"], ())
        count = sum(self.rows["product"][i]["status"] == "publish" for i in members)
        return {"id": row["id"], "name": row["name"], "slug": row["slug"],
                "parent": row["parent"], "description": row["description"],
                "display": row["display"], "image": self.show_image(row["image"]),
                "menu_order": row["menu_order"], "count": count}

    def known_categories(self, sent):
        """Ids the shop does not know are dropped without a word; with none at all the default
        category is taken."""
        ids = list(dict.fromkeys(c.get("id", 0) for c in sent)) or [DEFAULT_CATEGORY]
        return [i for i in ids if i in self.rows["category"]]

    def category_path(self, category_id):
        path = []
        while category_id in self.rows["category"] and len(path) < 50:
            row = self.rows["category"][category_id]
            path.insert(0, row["name"])
            category_id = row["parent"]
        return path

    # ---- global attributes

    def get_attribute(self, attribute_id, single=True):
        row = self.rows["attribute"].get(attribute_id)
        if row is None:
            raise _unknown("woocommerce_rest_taxonomy_invalid" if single
                           else "woocommerce_rest_attribute_invalid")
        return row

    def save_attribute(self, body, attribute_id, single):
        self.check("product_attribute", body)
        old = None if attribute_id is None else self.get_attribute(attribute_id, single)
        if old is None and single and not body.get("name"):
            raise WcError(400, "rest_missing_callback_param", "Missing parameter(s): name",
                          params=["name"])
        row = dict(old) if old else {"id": 0, "name": "", "slug": "", "type": "select",
                                     "order_by": "menu_order", "has_archives": False}
        row.update({k: v for k, v in body.items() if k not in ("slug", "name") or v})
        row["name"] = self.text(row["name"])
        code = "woocommerce_rest_cannot_" + ("edit" if old else "create")
        if not row["name"]:
            raise WcError(400, code, "Please, provide an attribute name.")
        if old is None or body.get("slug"):
            row["slug"] = self._attribute_slug(body.get("slug") or row["name"], row["id"], code)
        if old is None:
            row["id"] = self.next("next_attribute")
        self.put("attribute", row["id"], row)
        return row

    def _attribute_slug(self, text, attribute_id, code):
        slug = re.sub(r"^pa_", "", urllib.parse.unquote(slugify(text)))
        if len(slug.encode()) > SLUG_BYTES:
            raise WcError(400, code, f'Slug "{slug}" is too long ({SLUG_BYTES} characters max). '
                          "Shorten it, please.")
        if slug in RESERVED:
            raise WcError(400, code, f'Slug "{slug}" is not allowed because it is a reserved term. '
                          "Change it, please.")
        if any(r["slug"] == "pa_" + slug and r["id"] != attribute_id
               for r in self.rows["attribute"].values()):
            raise WcError(400, code, f'Slug "{slug}" is already in use. Change it, please.')
        return "pa_" + slug

    def delete_attribute(self, attribute_id, force, single):
        row = self.get_attribute(attribute_id, single)
        self._no_trash(force)
        for term in [t for t in self.rows["term"].values() if t["attribute"] == attribute_id]:
            self._drop_term(term)
        self.put("attribute", attribute_id, None)
        return row

    # ---- terms of an attribute

    def terms_of(self, attribute_id):
        self.get_attribute(attribute_id)
        return [t for t in self.rows["term"].values() if t["attribute"] == attribute_id]

    def get_term(self, attribute_id, term_id):
        self.get_attribute(attribute_id)
        row = self.rows["term"].get(term_id)
        if row is None or row["attribute"] != attribute_id:
            raise _unknown()
        return row

    def save_term(self, body, attribute_id, term_id, single):
        self.check("product_attribute_term", body)
        self.get_attribute(attribute_id)
        old = None if term_id is None else self.get_term(attribute_id, term_id)
        row = dict(old) if old else {"id": 0, "attribute": attribute_id, "name": "", "slug": "",
                                     "description": "", "menu_order": 0}
        row.update({k: v for k, v in body.items() if k != "slug"})
        row["name"] = self.text(row["name"].strip())
        slug = slugify(body.get("slug") or "")
        others = [t for t in self.terms_of(attribute_id) if t["id"] != row["id"]]
        taken = {t["slug"] for t in others}
        if old is None:
            self._new_term(row, body, slug, single, others)
            row["id"] = self.next("next_term")
            row["slug"] = self._unique_slug(slug or slugify(row["name"]), taken)
        elif "slug" in body:
            self._changed_slug(row, old, slug, taken)
        self._put_term(row, old)
        return row

    def _put_term(self, row, old=None):
        if old:
            self._forget_name(old)
        self._note_name(row)
        self.put("term", row["id"], row)

    def _drop_term(self, row):
        self._forget_name(row)
        self.put("term", row["id"], None)

    def delete_term(self, attribute_id, term_id, force):
        row = self.get_term(attribute_id, term_id)
        self._no_trash(force)
        self._drop_term(row)
        return row

    def find_term(self, attribute_id, name):
        """The oldest term of that name; case and accents do not matter."""
        ids = self.by_name.get((attribute_id, collate(name)))
        return self.rows["term"][ids[0]] if ids else None

    def term_named(self, attribute_id, name):
        """An option of a product: its term is made where there is none."""
        found = self.find_term(attribute_id, name)
        if found is None:
            name = self.text(" ".join(name.split()))
            slug = slugify(name)
            if (attribute_id, slug) in self.by_slug:
                slug = self._unique_slug(slug, {s for a, s in self.by_slug if a == attribute_id})
            found = {"id": self.next("next_term"), "attribute": attribute_id, "name": name,
                     "slug": slug, "description": "", "menu_order": 0}
            self._put_term(found)
        return found

    def show_term(self, row, uses):
        out = {k: row[k] for k in ("id", "name", "slug", "description", "menu_order")}
        out["count"] = uses.get(row["id"], 0)
        return out

    def term_uses(self):
        """How many published products have each term, counted once for a whole answer."""
        uses = collections.Counter()
        for product in self.rows["product"].values():
            if product["status"] == "publish":
                uses.update(t for a in product["attributes"] for t in a["terms"])
        return uses
