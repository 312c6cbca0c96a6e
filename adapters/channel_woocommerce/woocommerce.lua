-- The default mapping for WooCommerce (wc/v3). mappings/CHANNEL/woocommerce.lua beside the
-- configuration file replaces it. One function per unit: a view goes in, what the shop is sent comes out.
-- docs/mapping.md describes views, decimals and budgets.

-- The text of the wanted language, else of the fallback language.
local function text_of(view)
  for _, language in ipairs({ view.language, view.fallback_language }) do
    for _, text in ipairs(view.product.texts or {}) do
      if text.language == language and text.name then
        return text
      end
    end
  end
  error("the product has no name in \"" .. tostring(view.language) .. "\" or \""
        .. tostring(view.fallback_language) .. "\"")
end

-- The ERP's texts are plain; the shop takes descriptions as HTML.
local function html(plain)
  return (string.gsub(plain or "", "[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

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

local function product(view)
  local variants = view.variants or {}
  if #variants ~= 1 then
    error("the product has " .. #variants .. " variants; this channel takes products with exactly one")
  end
  local variant, text = variants[1], text_of(view)
  return {
    type = "simple",
    sku = variant.sku,
    name = text.name,
    description = html(text.long_text),
    short_description = html(text.short_text),
    global_unique_id = primary_gtin(variant),
    weight = weight_of(variant),
    status = "publish",
    catalog_visibility = "visible",
    meta_data = map.list {
      { key = "kontor_key", value = view.product.scope .. "|" .. view.product.id },
    },
  }
end

-- Without a price the shop does not sell: an empty price takes the old one away.
local function price(view)
  if view.has_price ~= "true" then
    return { regular_price = "" }
  end
  return { regular_price = view.unit_price:round_half_up(2):text(2) }
end

-- A figure nobody knows must not sell; a negative one is none.
local function stock(view)
  local quantity = view.quantity
  if not quantity then
    return { manage_stock = false, stock_status = "outofstock" }
  end
  if quantity < 0 then
    quantity = dec(0)
  end
  return { manage_stock = true, stock_quantity = quantity:floor(0):integer() }
end

return { product = product, price = price, stock = stock }
