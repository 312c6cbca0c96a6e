-- The default mapping for a merchant feed (Google's product data specification and portals that read it).
-- mappings/CHANNEL/merchant.lua beside the configuration file replaces it. One function per unit: a view goes in, attributes of
-- the article come out; the feed holds those of all its units together, later ones in place of earlier ones: page,
-- variant, price, stock. docs/mapping.md describes views, decimals and budgets; README.md of this channel the rest.

-- Axes by which Google groups variants; others stand in the title alone.
local AXES = { COLOR = "color", COLOUR = "color", MATERIAL = "material", PATTERN = "pattern", SIZE = "size" }

-- The ERP's product groups and Google's taxonomy, by number or path; a group without an entry is left to Google.
local GOOGLE_CATEGORIES = {}

-- The ERP's product groups as portals are to show them: "Home > Lighting > Lamps".
local PRODUCT_TYPES = {}

local CONDITION = "new"
local MOST_PICTURES = 11 -- one, and ten more

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
local function decode(text)
  return (string.gsub(text, "&(#?%w+);", ENTITIES))
end

-- Without tags, on one line: feeds take plain text.
local function plain(text)
  text = string.gsub(decode(text), "</?%a[^<>]*>", " ")
  text = string.gsub(decode(text), "%s+", " ")
  return (string.gsub(string.gsub(text, "^ ", ""), " $", ""))
end

-- At most so many characters, cut between words where there are any.
local function clip(text, most)
  local stop = utf8.offset(text, most + 1)
  if not stop or stop > #text then
    return text
  end
  local cut = string.sub(text, 1, stop - 1)
  local words = string.match(cut, "^(.*%S)%s")
  return words and #words * 2 > #cut and words or cut
end

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

-- Pictures ---------------------------------------------------------------------------------------

local function is_picture(view, media)
  return (not media.role or media.role == "image")
         and (not is_filled(media.language) or media.language == view.language)
end

-- Addresses of the pictures of both lists, each once, in their order.
local function pictures_of(view, lists)
  local sorted, out, seen = {}, {}, {}
  for at, list in ipairs(lists) do
    for i, media in ipairs(list) do
      if is_picture(view, media) and is_filled(media.url) and string.find(media.url, "^https?://") then
        table.insert(sorted, { url = media.url, at = at, position = media.position or 9999, i = i })
      end
    end
  end
  table.sort(sorted, function(a, b)
    if a.at ~= b.at then
      return a.at < b.at
    end
    if a.position ~= b.position then
      return a.position < b.position
    end
    return a.i < b.i
  end)
  for _, picture in ipairs(sorted) do
    if not seen[picture.url] and #out < MOST_PICTURES then
      seen[picture.url] = true
      table.insert(out, picture.url)
    end
  end
  return out
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

-- "2026-03-01T10:00:00.000000Z" to the minute, or an end of time.
local function minute(instant, otherwise)
  return is_filled(instant) and string.sub(instant, 1, 16) .. "Z" or otherwise
end

-- The label by its class, and by the register's number, by which Google fetches label and sheet itself.
local function add_energy(view, out)
  local energy = view.product.energy
  if not energy then
    return
  end
  if is_filled(energy.efficiency_class) then
    local class, best, worst = map.energy(energy.efficiency_class, energy.scale or "")
    out.energy_efficiency_class = best and class -- Google takes all three or none
    out.max_energy_efficiency_class = best
    out.min_energy_efficiency_class = worst
  end
  if is_filled(energy.eprel_id) then
    out.certification = map.list { {
      certification_authority = "EC", certification_name = "EPREL", certification_code = energy.eprel_id,
    } }
  end
end

-- Units ------------------------------------------------------------------------------------------

-- A page is here so that `route` can keep it off; what portals show comes with its variants.
local function product(view)
  return { item_group_id = view.form ~= "single" and view.product.id or nil }
end

local function variant(view)
  local p, v = view.product, view.variant
  local text = named_text(view, "the product", p.texts)
  local gtin = primary_gtin(v)
  local title, description = plain(text.name), plain(text.long_text or "")
  local out = {
    id = v.sku,
    condition = CONDITION,
    brand = is_filled(p.brand) and clip(plain(p.brand), 70) or nil,
    gtin = gtin ~= "" and gtin or nil,
    mpn = is_filled(v.mpn) and plain(v.mpn) or nil,
    product_type = is_filled(p.product_group) and PRODUCT_TYPES[p.product_group] or nil,
    google_product_category = is_filled(p.product_group) and GOOGLE_CATEGORIES[p.product_group] or nil,
  }
  if not out.gtin and not (out.brand and out.mpn) then
    out.identifier_exists = "no"
  end
  for _, axis in ipairs(view.axes or {}) do
    for _, value in ipairs(v.axis_values or {}) do
      if value.axis == axis.code then
        title = title .. " " .. plain(value.value)
        if AXES[axis.code] then
          out[AXES[axis.code]] = clip(plain(value.value), 100)
        end
      end
    end
  end
  out.title = clip(title, 150)
  if description == "" then
    description = plain(text.short_text or "")
  end
  description = description ~= "" and description or title
  out.description = clip(map.join({ map.join(notices_of(view), " "), description }, " "), 5000)
  local pictures = pictures_of(view, { v.media or {}, p.media or {} })
  out.image_link = pictures[1]
  if #pictures > 1 then
    table.remove(pictures, 1)
    out.additional_image_link = map.list(pictures)
  end
  local weight = weight_of(v)
  out.shipping_weight = weight ~= "" and weight .. " kg" or nil
  add_energy(view, out)
  return out
end

-- Without a price an article is not in the feed. A reduced price that is none is not shown.
local function price(view)
  if view.has_price ~= "true" then
    return {}
  end
  local regular = view.unit_price:round_half_up(2)
  local out = { price = regular:text(2) .. " " .. view.currency }
  local sale = view.sale_price and view.sale_price:round_half_up(2)
  if sale and sale < regular then
    out.sale_price = sale:text(2) .. " " .. view.currency
    if is_filled(view.sale_from) or is_filled(view.sale_until) then
      out.sale_price_effective_date = minute(view.sale_from, "2000-01-01T00:00Z") .. "/"
                                      .. minute(view.sale_until, "2099-12-31T23:59Z")
    end
  end
  return out
end

-- A figure nobody knows must not sell.
local function stock(view)
  local is_there = view.quantity and view.quantity:floor(0) > dec(0)
  return { availability = is_there and "in_stock" or "out_of_stock" }
end

return { product = product, variant = variant, price = price, stock = stock }
