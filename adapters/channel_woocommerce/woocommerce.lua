-- The default mapping for WooCommerce (wc/v3). mappings/CHANNEL/woocommerce.lua beside the
-- configuration file replaces it. One function per unit: a view goes in, what the shop is sent comes out.
-- docs/mapping.md describes views, decimals and budgets; README.md of this channel what {ref = …} and global mean.

-- What the shop's customers read in place of a code, by language; a code without an entry is shown in words
-- ("SCREEN_SIZE" as "Screen size"). Axes are found again by their code, so a label may be changed.
local LABELS = {
  BRAND = { en = "Brand", de = "Marke" },
  COLOR = { en = "Colour", de = "Farbe" },
  COLOUR = { en = "Colour", de = "Farbe" },
  ENERGY_CLASS = { en = "Energy efficiency class", de = "Energieeffizienzklasse" },
  MANUFACTURER = { en = "Manufacturer", de = "Hersteller" },
  MATERIAL = { en = "Material", de = "Material" },
  RESPONSIBLE_PERSON = { en = "Responsible person in the EU", de = "Verantwortliche Person in der EU" },
  SIZE = { en = "Size", de = "Größe" },
  WARNINGS = { en = "Warnings", de = "Warnhinweise" },
}

-- Codes of attributes that the shop is not to show.
local HIDDEN = {}

-- The ERP's tax classes and the shop's (WooCommerce, Settings, Tax); a class without an entry is left to the shop. Here:
-- 0 without tax, 1 full, 2 reduced, and the classes of a new shop.
local TAX_CLASSES = { ["0"] = "zero-rate", ["1"] = "", ["2"] = "reduced-rate" }

-- The shop's unit of length in millimetres (WooCommerce, Settings, Products): here centimetres.
local LENGTH_UNIT_MM = dec(10)

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

local function dimensions_of(variant)
  if not (variant.length or variant.width or variant.height) then
    return nil
  end
  local function shown(mm)
    return mm and not mm:is_zero() and mm:div(LENGTH_UNIT_MM, 2):text() or ""
  end
  return { length = shown(variant.length), width = shown(variant.width), height = shown(variant.height) }
end

-- "2026-03-01T10:00:00.000000Z" without fraction and zone, as the shop's …_gmt takes it.
local function gmt(instant)
  return is_filled(instant) and string.sub(instant, 1, 19) or ""
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

-- Attributes -------------------------------------------------------------------------------------

-- Axes are global attributes: customers filter by them.
local function axis_entry(view, code)
  return { name = label_of(view, code), slug = code, global = true }
end

local function add_attribute(out, name, options)
  table.insert(out, { name = name, options = map.list(options), position = #out, variation = false, visible = true })
end

-- The shop parts the values of its own attributes at '|'.
local function option_text(value, unit)
  local text = plain(value)
  if is_filled(unit) then
    text = text .. " " .. plain(unit)
  end
  return (string.gsub(text, "|", "/"))
end

-- Attributes of the records: values of one code together, in the order of their first appearance.
local function add_record_attributes(view, out, lists, is_axis)
  local order, values = {}, {}
  for _, list in ipairs(lists) do
    for _, attribute in ipairs(list) do
      local code = attribute.code
      local fits = not is_filled(attribute.language) or attribute.language == view.language
      if fits and is_filled(attribute.value) and not is_axis[code] and not HIDDEN[code] then
        if not values[code] then
          values[code] = {}
          table.insert(order, code)
        end
        local option = option_text(attribute.value, attribute.unit)
        if not values[code][option] then
          values[code][option] = true
          table.insert(values[code], option)
        end
      end
    end
  end
  for _, code in ipairs(order) do
    local options = {}
    for _, option in ipairs(values[code]) do
      table.insert(options, option)
    end
    add_attribute(out, label_of(view, code), options)
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

-- What the law wants customers to see.
local function add_duties(view, out)
  local p = view.product
  local energy = p.energy
  if is_filled(p.brand) then
    add_attribute(out, label_of(view, "BRAND"), { option_text(p.brand) })
  end
  if p.manufacturer and is_filled(p.manufacturer.name) then
    add_attribute(out, label_of(view, "MANUFACTURER"), { option_text(maker_text(p.manufacturer)) })
  end
  if p.responsible_person and is_filled(p.responsible_person.name) then
    add_attribute(out, label_of(view, "RESPONSIBLE_PERSON"), { option_text(maker_text(p.responsible_person)) })
  end
  if energy and is_filled(energy.efficiency_class) then
    local scale = is_filled(energy.scale) and " (" .. energy.scale .. ")" or ""
    add_attribute(out, label_of(view, "ENERGY_CLASS"), { option_text(energy.efficiency_class .. scale) })
  end
  local warning = in_language(view, p.warnings, "long_text")
  if warning then
    add_attribute(out, label_of(view, "WARNINGS"), { option_text(warning.long_text) })
  end
end

local function attributes_of(view, variant)
  local out, is_axis = {}, {}
  for _, axis in ipairs(view.axes or {}) do
    local entry = axis_entry(view, axis.code)
    local options = {}
    for _, option in ipairs(axis.options or {}) do
      table.insert(options, plain(option.value))
    end
    entry.options = map.list(options)
    entry.position = #out
    entry.variation = true
    entry.visible = true
    table.insert(out, entry)
    for part in string.gmatch(axis.code .. " / ", "(.-) / ") do
      is_axis[part] = true
    end
  end
  add_duties(view, out)
  add_record_attributes(view, out, { view.product.attributes or {}, variant and variant.attributes or {} }, is_axis)
  return out
end

-- Meta data: keys with a leading underscore are for themes and plug-ins, customers do not see them.
local function add_meta(out, name, value)
  if is_filled(value) then
    table.insert(out, { key = name, value = value })
  end
end

local function add_facts(view, out)
  local p = view.product
  local energy, battery = p.energy or {}, p.battery
  add_meta(out, "_kontor_energy_class", energy.efficiency_class)
  add_meta(out, "_kontor_energy_consumption", energy.consumption)
  add_meta(out, "_kontor_energy_eprel", energy.eprel_id)
  add_meta(out, "_kontor_energy_label", energy.label_url)
  add_meta(out, "_kontor_energy_sheet", energy.sheet_url)
  add_meta(out, "_kontor_weee", p.weee_category)
  add_meta(out, "_kontor_packaging", p.packaging)
  add_meta(out, "_kontor_dangerous_goods", p.dangerous_goods)
  if battery then
    local mass = battery.mass and battery.mass:text() .. " kg" or ""
    add_meta(out, "_kontor_battery", plain((battery.kind or "") .. " " .. mass))
  end
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

-- What the customer is shown of compliance documents and notices, as JSON texts that a theme reads (README.md). An empty
-- list is written, too: it takes away what stood there.
local function add_papers(view, out)
  if view.documents then
    local documents = {}
    for _, paper in ipairs(view.documents) do
      table.insert(documents, {
        type = paper.type, title = plain(is_filled(paper.title) and paper.title or in_words(paper.type)),
        id = paper.id, version = paper.version, language = paper.language, url = paper.url, sha256 = paper.sha256,
        media_type = paper.media_type, size = paper.size, valid_from = paper.valid_from,
        valid_until = paper.valid_until,
      })
    end
    table.insert(out, { key = "kontor_documents", value = map.json(map.list(documents)) })
  end
  if view.notices then
    table.insert(out, { key = "kontor_notices", value = map.json(map.list(notices_of(view))) })
  end
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

-- Also what is no longer so is written: an old label must not stay.
local function add_energy(view, out, v)
  if not view.product.energy then
    return
  end
  local energy = energy_of(view)
  table.insert(out, { key = "kontor_energy", value = energy and map.json(energy) or "" })
  table.insert(out, { key = "kontor_schema_org", value = energy and map.json(schema_org(view, energy, v)) or "" })
end

-- Units ------------------------------------------------------------------------------------------

-- A page. Its numbers and figures are the variants' business, but its own SKU; a page with axes must hold none that
-- its variants need.
local function product(view)
  local is_single = view.form == "single"
  local p, variant = view.product, nil
  local text = named_text(view, "the product", p.texts)
  local name = plain(text.name)
  if is_single then
    variant = (view.variants or {})[1] or error("the page has no variant")
  end
  local out = {
    type = is_single and "simple" or "variable",
    sku = view.sku,
    name = is_filled(view.part) and name .. " " .. plain(view.part) or name,
    description = html(text.long_text),
    short_description = html(text.short_text),
    status = "publish",
    catalog_visibility = "visible",
    tax_class = p.tax_class and TAX_CLASSES[p.tax_class],
  }
  local meta = { { key = "kontor_key", value = key(p.scope, p.id) } }
  if is_single then
    add_meta(meta, "kontor_sku", key(variant.scope, variant.sku))
  else
    if #(view.axes or {}) == 0 then
      error("the page has variants, but no axes")
    end
    out.global_unique_id = ""
    out.manage_stock = false
    add_papers(view, meta) -- of a page of its own they come with its variant
    add_energy(view, meta, nil)
  end
  add_facts(view, meta)
  out.meta_data = map.list(meta)
  -- What the ERP does not speak of is left to the shop.
  if p.categories then
    local categories = {}
    for _, category in ipairs(p.categories) do
      table.insert(categories, { ref = "category " .. key(p.scope, category.id) })
    end
    out.categories = map.list(categories)
  end
  if p.media or (variant and variant.media) then
    local images, seen = {}, {}
    add_pictures(view, images, seen, p.media, name)
    if variant then
      add_pictures(view, images, seen, variant.media, name)
    end
    out.images = map.list(images)
  end
  local attributes = attributes_of(view, variant)
  if #attributes > 0 or p.attributes then
    out.attributes = map.list(attributes)
  end
  return out
end

-- A variant; of a page without axes what the page itself carries of it.
local function variant(view)
  local v = view.variant
  local meta = { { key = "kontor_sku", value = key(v.scope, v.sku) } }
  add_papers(view, meta)
  add_energy(view, meta, v)
  local out = {
    global_unique_id = primary_gtin(v),
    weight = weight_of(v),
    dimensions = dimensions_of(v),
    meta_data = map.list(meta),
  }
  if view.form == "single" then
    return out
  end
  local attributes = {}
  for _, axis in ipairs(view.axes or {}) do
    local entry = axis_entry(view, axis.code)
    for _, value in ipairs(v.axis_values or {}) do
      if value.axis == axis.code then
        entry.option = plain(value.value)
      end
    end
    if not is_filled(entry.option) then
      error("variant " .. v.sku .. " has no value for the axis " .. axis.code)
    end
    table.insert(attributes, entry)
  end
  out.sku = v.sku
  out.status = "publish"
  out.attributes = map.list(attributes)
  if v.media then
    local images = {}
    local text = in_language(view, view.product.texts, "name")
    add_pictures(view, images, {}, v.media, text and text.name or v.sku)
    out.image = images[1]
  end
  return out
end

-- Without a price the shop does not sell: an empty price takes the old one away. A sale price that is none is not shown.
local function price(view)
  local out = { regular_price = "", sale_price = "", date_on_sale_from_gmt = "", date_on_sale_to_gmt = "" }
  if view.has_price ~= "true" then
    return out
  end
  local regular = view.unit_price:round_half_up(2)
  out.regular_price = regular:text(2)
  if view.sale_price then
    local sale = view.sale_price:round_half_up(2)
    if sale < regular then
      out.sale_price = sale:text(2)
      out.date_on_sale_from_gmt = gmt(view.sale_from)
      out.date_on_sale_to_gmt = gmt(view.sale_until)
    end
  end
  return out
end

-- A figure nobody knows must not sell; a negative one is none.
local function stock(view)
  local quantity = view.quantity
  local out = { manage_stock = false, stock_status = "outofstock" }
  if quantity then
    if quantity < 0 then
      quantity = dec(0)
    end
    out = { manage_stock = true, stock_quantity = quantity:floor(0):integer() }
  end
  if is_filled(view.next_day) then
    out.meta_data = map.list { { key = "_kontor_next_delivery", value = view.next_day } }
  end
  return out
end

local function category(view)
  local c = view.category
  local text = named_text(view, "the category", c.texts)
  local out = { name = plain(text.name), parent = 0, menu_order = c.position }
  if is_filled(text.long_text) or is_filled(text.short_text) then
    out.description = html(is_filled(text.long_text) and text.long_text or text.short_text)
  end
  if is_filled(c.parent) then
    out.parent = { ref = "category " .. key(c.scope, c.parent) }
  end
  return out
end

return { category = category, product = product, variant = variant, price = price, stock = stock }
