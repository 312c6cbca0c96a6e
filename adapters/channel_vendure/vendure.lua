-- The default mapping for Vendure (admin API). mappings/CHANNEL/vendure.lua beside the configuration file replaces it.
-- One function per unit: a view goes in, what the channel makes of it comes out. docs/mapping.md describes views, decimals
-- and budgets; README.md of this channel the members of a payload and what {ref = …} means.

-- What the shop's customers read in place of a code, by language; a code without an entry is shown in words
-- ("SCREEN_SIZE" as "Screen size"). Facets and option groups are found again by their code, so a label may be changed.
local LABELS = {
  BRAND = { en = "Brand", de = "Marke" },
  COLOR = { en = "Colour", de = "Farbe" },
  COLOUR = { en = "Colour", de = "Farbe" },
  DOCUMENTS = { en = "Documents", de = "Dokumente" },
  ENERGY_CLASS = { en = "Energy efficiency class", de = "Energieeffizienzklasse" },
  MANUFACTURER = { en = "Manufacturer", de = "Hersteller" },
  MATERIAL = { en = "Material", de = "Material" },
  RESPONSIBLE_PERSON = { en = "Responsible person in the EU", de = "Verantwortliche Person in der EU" },
  SIZE = { en = "Size", de = "Größe" },
  WARNINGS = { en = "Warnings", de = "Warnhinweise" },
}

-- Codes of attributes that the shop is not to have, and of those that customers are not to see.
local HIDDEN = {}
local PRIVATE = {}

-- The ERP's tax classes and the names of the shop's tax categories; a class without an entry is left to the shop.
local TAX_CATEGORIES = {}

-- Are links to documents and the notices shown behind a page's description? Not needed where the shop shows its custom
-- fields kontorDocuments and kontorNotices.
local PAPERS_IN_DESCRIPTION = true

-- Codes of facets begin so: what begins so is Kontor's, and goes when the ERP no longer has it.
local PREFIX = "kontor-"

local function is_filled(text)
  return text ~= nil and text ~= ""
end

-- Texts ------------------------------------------------------------------------------------------

-- The first of the list in the wanted language, else in the fallback language, that has the field.
local function in_language(view, texts, field)
  for _, language in ipairs({ view.language, view.fallback_language }) do
    for _, text in ipairs(texts or {}) do
      if text.language == language and is_filled(text[field]) then
        return text
      end
    end
  end
  return nil
end

local function named_text(view, what, texts)
  local text = in_language(view, texts, "name")
  if not text then
    error(what .. " has no name in \"" .. tostring(view.language) .. "\" or \""
          .. tostring(view.fallback_language) .. "\"")
  end
  return text
end

local ENTITIES = {
  amp = "&", lt = "<", gt = ">", quot = "\"", apos = "'", nbsp = " ", ["#39"] = "'", ["#039"] = "'", ["#34"] = "\"",
}
local VOID = { br = true, hr = true, img = true }
local PAIRED = {
  a = true, b = true, blockquote = true, div = true, em = true, h1 = true, h2 = true, h3 = true, h4 = true, h5 = true,
  h6 = true, i = true, li = true, ol = true, p = true, span = true, strong = true, sub = true, sup = true, table = true,
  tbody = true, td = true, th = true, thead = true, tr = true, u = true, ul = true,
}

local function decode(text)
  return (string.gsub(text, "&(#?%w+);", ENTITIES))
end

-- Only what cannot be meant otherwise: <br>, or a known tag that is opened and closed.
local function has_tags(text)
  local open = {}
  for slash, name in string.gmatch(text, "<(/?)(%a%w*)[^<>]*>") do
    name = string.lower(name)
    if VOID[name] or (slash == "/" and open[name]) then
      return true
    end
    if slash == "" and PAIRED[name] then
      open[name] = true
    end
  end
  return false
end

-- A text for the shop, which takes HTML: HTML stays as it is; HTML that was kept with its own signs as entities
-- (&lt;p&gt;…, as OpenCart does) is decoded once; all else is plain, and its signs become entities once.
local function html(text)
  text = text or ""
  if has_tags(text) then
    return text
  end
  local decoded = decode(text)
  if has_tags(decoded) then
    return decoded
  end
  return (string.gsub(decoded, "[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

-- A name or a value: plain, on one line.
local function plain(text)
  text = string.gsub(decode(text), "%s+", " ")
  return (string.gsub(string.gsub(text, "^ ", ""), " $", ""))
end

local function in_words(code)
  local words = string.lower((string.gsub(code, "[_%s]+", " ")))
  return string.upper(string.sub(words, 1, 1)) .. string.sub(words, 2)
end

local function label_of_one(view, code)
  local label = LABELS[code] or {}
  return label[view.language] or label[view.fallback_language] or in_words(code)
end

-- An axis that was folded of several is called by all of them: "STORAGE / REGION".
local function label_of(view, code)
  local labels = {}
  for part in string.gmatch(code .. " / ", "(.-) / ") do
    table.insert(labels, label_of_one(view, part))
  end
  return table.concat(labels, " / ")
end

-- What a unit is called by, as in {ref = …}: parts with '%', '|' and control characters written as %XX.
local function key(scope, id)
  local function part(text)
    return (string.gsub(text, "[%%|%c]", function(c)
      return string.format("%%%02X", string.byte(c))
    end))
  end
  return part(scope) .. "|" .. part(id)
end

-- Figures ----------------------------------------------------------------------------------------

local function primary_gtin(variant)
  for _, gtin in ipairs(variant.gtins or {}) do
    if gtin.is_primary then
      return gtin.code
    end
  end
  return ""
end

-- Kilograms; what is shipped counts, so gross before net.
local function weight_of(variant)
  for _, weight in ipairs({ variant.shipping_weight or dec(0), variant.net_weight or dec(0) }) do
    if not weight:is_zero() then
      return weight:text()
    end
  end
  return ""
end

-- Pictures ---------------------------------------------------------------------------------------

local function is_picture(view, media)
  return (not media.role or media.role == "image")
         and (not is_filled(media.language) or media.language == view.language)
end

-- Appends the pictures of a list in their order, each once.
local function add_pictures(view, out, seen, list, alt)
  local sorted = {}
  for i, media in ipairs(list or {}) do
    if is_picture(view, media) then
      table.insert(sorted, { media = media, position = media.position or 9999, i = i })
    end
  end
  table.sort(sorted, function(a, b)
    if a.position ~= b.position then
      return a.position < b.position
    end
    return a.i < b.i
  end)
  for _, entry in ipairs(sorted) do
    local media = entry.media
    local name = is_filled(media.sha256) and media.sha256 or media.url
    if not name then
      error("a picture has neither a url nor a sha256")
    end
    if not seen[name] then
      seen[name] = true
      table.insert(out, { ref = "media " .. name, src = media.url,
                          alt = plain(is_filled(media.alt) and media.alt or alt) })
    end
  end
end

-- Facets -----------------------------------------------------------------------------------------

-- Customers filter by facets, so a figure stands with its unit: "250 g".
local function value_text(value, unit)
  local text = plain(value)
  if is_filled(unit) then
    text = text .. " " .. plain(unit)
  end
  return text
end

local function facet_code(code)
  return PREFIX .. string.gsub(string.lower(code), "[%s_]+", "-")
end

-- Values of one code together, in the order of their first appearance.
local function add_value(view, out, code, text)
  if text == "" or HIDDEN[code] then
    return
  end
  local facet = out.by_code[code]
  if not facet then
    facet = { code = facet_code(code), name = label_of(view, code), values = {} }
    facet.is_private = PRIVATE[code] == true
    out.by_code[code] = facet
    table.insert(out.list, facet)
  end
  for _, value in ipairs(facet.values) do
    if value == text then
      return
    end
  end
  table.insert(facet.values, text)
end

local function axis_codes(view)
  local is_axis = {}
  for _, axis in ipairs(view.axes or {}) do
    for part in string.gmatch(axis.code .. " / ", "(.-) / ") do
      is_axis[part] = true
    end
  end
  return is_axis
end

local function add_attributes(view, out, attributes)
  local is_axis = axis_codes(view)
  for _, attribute in ipairs(attributes or {}) do
    local fits = not is_filled(attribute.language) or attribute.language == view.language
    if fits and is_filled(attribute.value) and not is_axis[attribute.code] then
      add_value(view, out, attribute.code, value_text(attribute.value, attribute.unit))
    end
  end
end

local function maker_text(maker)
  local parts = {}
  for _, field in ipairs({ "name", "street", "postal_code", "city", "country", "email" }) do
    if is_filled(maker[field]) then
      table.insert(parts, plain(maker[field]))
    end
  end
  return table.concat(parts, ", ")
end

-- What customers filter by, and what the law wants them to see of the maker.
local function add_duties(view, out)
  local p = view.product
  if is_filled(p.brand) then
    add_value(view, out, "BRAND", plain(p.brand))
  end
  if p.manufacturer and is_filled(p.manufacturer.name) then
    add_value(view, out, "MANUFACTURER", maker_text(p.manufacturer))
  end
  if p.responsible_person and is_filled(p.responsible_person.name) then
    add_value(view, out, "RESPONSIBLE_PERSON", maker_text(p.responsible_person))
  end
  if p.energy and is_filled(p.energy.efficiency_class) then
    local scale = is_filled(p.energy.scale) and " (" .. p.energy.scale .. ")" or ""
    add_value(view, out, "ENERGY_CLASS", plain(p.energy.efficiency_class .. scale))
  end
  local warning = in_language(view, p.warnings, "long_text")
  if warning then
    add_value(view, out, "WARNINGS", plain(warning.long_text))
  end
end

local function facets_of(out)
  local list = {}
  for _, facet in ipairs(out.list) do
    facet.values = map.list(facet.values)
    table.insert(list, facet)
  end
  return map.list(list)
end

-- Papers -----------------------------------------------------------------------------------------

-- Notices in the wanted language and those without one; where there are none, in the fallback language.
local function notices_of(view)
  for _, language in ipairs({ view.language, view.fallback_language }) do
    local out = {}
    for _, notice in ipairs(view.notices or {}) do
      if is_filled(notice.name) and (notice.language == language or not is_filled(notice.language)) then
        table.insert(out, plain(notice.name))
      end
    end
    if #out > 0 then
      return out
    end
  end
  return {}
end

local function paper_title(paper)
  return plain(is_filled(paper.title) and paper.title or in_words(paper.type))
end

local function documents_of(view)
  local out = {}
  for _, paper in ipairs(view.documents or {}) do
    table.insert(out, {
      type = paper.type, title = paper_title(paper), id = paper.id, version = paper.version,
      language = paper.language, url = paper.url, sha256 = paper.sha256, media_type = paper.media_type,
      size = paper.size, valid_from = paper.valid_from, valid_until = paper.valid_until,
    })
  end
  return map.list(out)
end

-- Vendure has no place for documents: behind the description stand links to them, and the notices.
local function papers_html(view)
  local links, out = {}, {}
  for _, notice in ipairs(PAPERS_IN_DESCRIPTION and notices_of(view) or {}) do
    table.insert(out, "<p class=\"kontor-notice\">" .. map.html(notice) .. "</p>")
  end
  for _, paper in ipairs(PAPERS_IN_DESCRIPTION and view.documents or {}) do
    if is_filled(paper.url) then
      table.insert(links, "<li><a href=\"" .. map.html(paper.url) .. "\">" .. map.html(paper_title(paper)) .. "</a></li>")
    end
  end
  if #links > 0 then
    table.insert(out, "<section class=\"kontor-documents\"><h3>" .. map.html(label_of_one(view, "DOCUMENTS")) .. "</h3><ul>"
                      .. table.concat(links) .. "</ul></section>")
  end
  return table.concat(out)
end

-- Energy labels ----------------------------------------------------------------------------------

-- Where the label or the sheet can be fetched: the address that the ERP gave, else the document that it names, else the
-- only document of that type.
local function paper_url(view, url, id, kind)
  local paper = not is_filled(url) and (is_filled(id) and map.find(view.documents, "id", id)
                                        or map.find(view.documents, "type", kind))
  return paper and paper.url or url
end

local function energy_of(view)
  local energy = view.product.energy
  if not energy or not is_filled(energy.efficiency_class) then
    return nil
  end
  local class, best, worst = map.energy(energy.efficiency_class, energy.scale or "")
  return class and {
    class = class, scale_max = best, scale_min = worst, consumption = energy.consumption, eprel_id = energy.eprel_id,
    label_url = paper_url(view, energy.label_url, energy.label_document, "energy_label"),
    sheet_url = paper_url(view, energy.sheet_url, energy.sheet_document, "product_sheet"),
  }
end

-- "A+++" is called EUEnergyEfficiencyCategoryA3Plus.
local function schema_class(class)
  local plus = class and string.rep("+", #class - 1)
  return class and "https://schema.org/EUEnergyEfficiencyCategory" .. string.sub(class, 1, 1)
         .. (plus ~= "" and #plus .. "Plus" or "")
end

-- The article as JSON-LD: what search engines read of an energy label. v: the variant that is meant, nil for all.
local function schema_org(view, energy, v)
  local p = view.product
  local text = in_language(view, p.texts, "name")
  local out = {
    ["@context"] = "https://schema.org", ["@type"] = v and "Product" or "ProductGroup",
    name = text and plain(text.name),
    brand = is_filled(p.brand) and { ["@type"] = "Brand", name = plain(p.brand) } or nil,
    hasEnergyConsumptionDetails = {
      ["@type"] = "EnergyConsumptionDetails", hasEnergyEfficiencyCategory = schema_class(energy.class),
      energyEfficiencyScaleMin = schema_class(energy.scale_min),
      energyEfficiencyScaleMax = schema_class(energy.scale_max),
    },
  }
  if not v then
    out.productGroupID = p.id
    return out
  end
  local gtin = primary_gtin(v)
  out.sku = v.sku
  out.gtin = gtin ~= "" and gtin or nil
  out.mpn = is_filled(v.mpn) and plain(v.mpn) or nil
  return out
end

-- Custom fields, of type text, of pages and variants alike: JSON texts, written where the shop has them. An empty list
-- takes away what stood there.
local function add_paper_fields(view, fields, v)
  if view.documents then
    fields.kontorDocuments = map.json(documents_of(view))
  end
  if view.notices then
    fields.kontorNotices = map.json(map.list(notices_of(view)))
  end
  if view.product.energy then
    local energy = energy_of(view)
    fields.kontorEnergy = energy and map.json(energy) or ""
    fields.kontorSchemaOrg = energy and map.json(schema_org(view, energy, v)) or ""
  end
  return fields
end

-- Units ------------------------------------------------------------------------------------------

local FOLDED = {
  ["ä"] = "ae", ["ö"] = "oe", ["ü"] = "ue", ["Ä"] = "ae", ["Ö"] = "oe", ["Ü"] = "ue", ["ß"] = "ss", ["é"] = "e",
  ["è"] = "e", ["ê"] = "e", ["á"] = "a", ["à"] = "a", ["â"] = "a", ["ó"] = "o", ["ò"] = "o", ["ô"] = "o", ["ú"] = "u",
  ["ù"] = "u", ["í"] = "i", ["ì"] = "i", ["ñ"] = "n", ["ç"] = "c", ["ø"] = "o", ["å"] = "a", ["æ"] = "ae",
}

-- The address of a page. It is written once, when the page is made; the number makes it one of its kind.
local function slug(name, number)
  local text = string.gsub(name .. " " .. number, "[\xC2-\xDF][\x80-\xBF]", FOLDED)
  text = string.gsub(string.lower(text), "[^a-z0-9]+", "-")
  text = string.sub(string.gsub(text, "^-", ""), 1, 100)
  return (string.gsub(text, "-$", ""))
end

local function pictures_of(view, lists, alt)
  local images, seen = {}, {}
  for _, list in ipairs(lists) do
    add_pictures(view, images, seen, list, alt)
  end
  local out = {}
  for _, image in ipairs(images) do
    table.insert(out, { ref = image.ref, src = image.src })
  end
  return map.list(out)
end

local function full_name(view, text)
  local name = plain(text.name)
  return is_filled(view.part) and name .. " " .. plain(view.part) or name
end

-- A page. Its number and figures are its variants' business, also where it has but one.
local function product(view)
  local is_single = view.form == "single"
  local p, variant = view.product, nil
  local text = named_text(view, "the product", p.texts)
  local name = full_name(view, text)
  if is_single then
    variant = (view.variants or {})[1] or error("the page has no variant")
  elseif #(view.axes or {}) == 0 then
    error("the page has variants, but no axes")
  end
  local out = {
    language = view.language,
    name = name,
    slug = slug(name, view.sku),
    description = html(is_filled(text.long_text) and text.long_text or text.short_text) .. papers_html(view),
  }
  local fields = add_paper_fields(view, {}, variant)
  for _ in pairs(fields) do
    out.custom_fields = fields
  end
  local axes = {}
  for _, axis in ipairs(is_single and {} or view.axes or {}) do
    local options = {}
    for _, option in ipairs(axis.options or {}) do
      table.insert(options, plain(option.value))
    end
    table.insert(axes, { code = axis.code, name = label_of(view, axis.code), options = map.list(options) })
  end
  out.axes = map.list(axes)
  local facets = { list = {}, by_code = {} }
  add_duties(view, facets)
  add_attributes(view, facets, p.attributes)
  if variant then
    add_attributes(view, facets, variant.attributes)
  end
  out.facets = facets_of(facets)
  -- What the ERP does not speak of is left to the shop.
  if p.categories then
    local categories = {}
    for _, category in ipairs(p.categories) do
      table.insert(categories, { ref = "category " .. key(p.scope, category.id) })
    end
    out.categories = map.list(categories)
  end
  if p.media or (variant and variant.media) then
    out.images = pictures_of(view, { p.media or {}, variant and variant.media or {} }, name)
  end
  return out
end

-- A variant. The shop's lists show its name alone, so it is called by its page and its options.
local function variant(view)
  local v = view.variant
  local text = named_text(view, "the product", view.product.texts)
  local out = {
    language = view.language,
    sku = v.sku,
    tax_category = view.product.tax_class and TAX_CATEGORIES[view.product.tax_class],
    custom_fields = add_paper_fields(view, {
      gtin = primary_gtin(v),
      weight = weight_of(v),
      mpn = v.mpn or "",
    }, v),
  }
  local name, options = plain(text.name), {}
  if view.form == "single" then
    out.name = name
    out.options = map.list {}
    return out
  end
  for _, axis in ipairs(view.axes or {}) do
    local chosen = nil
    for _, value in ipairs(v.axis_values or {}) do
      if value.axis == axis.code then
        chosen = plain(value.value)
      end
    end
    if not is_filled(chosen) then
      error("variant " .. v.sku .. " has no value for the axis " .. axis.code)
    end
    table.insert(options, { axis = axis.code, name = label_of(view, axis.code), value = chosen })
    name = name .. " " .. chosen
  end
  out.name = name
  out.options = map.list(options)
  local facets = { list = {}, by_code = {} }
  add_attributes(view, facets, v.attributes)
  out.facets = facets_of(facets)
  if v.media then
    out.images = pictures_of(view, { v.media }, name)
  end
  return out
end

-- Vendure has one price per currency: a reduced one takes its place while it is valid. Without a price nothing is sold.
local function price(view)
  local out = { currency = view.currency, has_price = false }
  if view.has_price ~= "true" then
    return out
  end
  local amount = view.unit_price
  if view.sale_price and view.sale_price < amount then
    amount = view.sale_price
  end
  out.has_price = true
  out.amount = amount:round_half_up(2):text(2)
  out.is_gross = view.price.is_gross == true
  return out
end

-- A figure nobody knows must not sell: without a quantity the channel writes 0. A negative one is none.
local function stock(view)
  local quantity = view.quantity
  if not quantity then
    return {}
  end
  if quantity < 0 then
    quantity = dec(0)
  end
  return { quantity = quantity:floor(0):integer() }
end

local function category(view)
  local c = view.category
  local text = named_text(view, "the category", c.texts)
  local name = plain(text.name)
  local out = { language = view.language, name = name, slug = slug(name, c.id) }
  if is_filled(text.long_text) or is_filled(text.short_text) then
    out.description = html(is_filled(text.long_text) and text.long_text or text.short_text)
  end
  if is_filled(c.parent) then
    out.parent = { ref = "category " .. key(c.scope, c.parent) }
  end
  return out
end

return { category = category, product = product, variant = variant, price = price, stock = stock }
