"""Customers of a Vendure shop: they buy through its shop API, as a storefront does."""
import dataclasses

ERROR = "... on ErrorResult { errorCode message }"

PEOPLE = (
    {"firstName": "Ana", "lastName": "Berger", "emailAddress": "ana.berger@kunden.example",
     "street": "Amselweg 12", "postcode": "17999", "city": "Funkelbach", "country": "DE"},
    {"firstName": "Jo", "lastName": "Kramer", "emailAddress": "jo.kramer@kunden.example",
     "street": "Hafenstraße 7a", "postcode": "24999", "city": "Leuchtmoor", "country": "DE"},
    {"firstName": "Mia", "lastName": "Öztürk", "emailAddress": "mia.oeztuerk@kunden.example",
     "street": "Am Ufer 3", "postcode": "81999", "city": "Großlampen", "country": "DE"},
)


@dataclasses.dataclass
class Bought:
    id: str
    code: str
    state: str
    gross: int


class Buyer:
    """One session of a storefront."""

    def __init__(self, shop, person=0, **changes):
        self.shop, self.token = shop, None
        self.person = dict(PEOPLE[person % len(PEOPLE)], **changes)

    def ask(self, query, variables=None):
        data, self.token = self.shop.graphql("shop", query, variables, self.token)
        return data

    def put(self, sku, quantity):
        """Into the basket; a SKU that the shop does not offer is a KeyError."""
        found = self.shop.admin(
            "query($s:String!){productVariants(options:{filter:{sku:{eq:$s}}}){items{id}}}",
            {"s": sku})["productVariants"]["items"]
        if not found:
            raise KeyError(sku)
        self.ask("mutation($v:ID!,$n:Int!){addItemToOrder(productVariantId:$v,quantity:$n){"
                 f"... on Order{{id}} {ERROR}}}}}", {"v": found[0]["id"], "n": quantity})

    def check_out(self):
        """Who, whereto, how: up to the payment."""
        p = self.person
        self.ask("mutation($i:CreateCustomerInput!){setCustomerForOrder(input:$i){... on Order{id}"
                 f" {ERROR}}}}}", {"i": {k: p[k] for k in ("firstName", "lastName",
                                                         "emailAddress")}})
        address = {"fullName": f"{p['firstName']} {p['lastName']}", "streetLine1": p["street"],
                   "city": p["city"], "postalCode": p["postcode"], "countryCode": p["country"]}
        self.ask("mutation($i:CreateAddressInput!){setOrderShippingAddress(input:$i){"
                 f"... on Order{{id}} {ERROR}}}}}", {"i": address})
        if p.get("vat_id") or p.get("company"):
            billing = dict(address, company=p.get("company"))
            if p.get("vat_id"):
                billing["customFields"] = {"vatId": p["vat_id"]}
            self.ask("mutation($i:CreateAddressInput!){setOrderBillingAddress(input:$i){"
                     f"... on Order{{id}} {ERROR}}}}}", {"i": billing})
        if p.get("fields"):
            self.ask("mutation($i:UpdateOrderInput!){setOrderCustomFields(input:$i){"
                     f"... on Order{{id}} {ERROR}}}}}", {"i": {"customFields": p["fields"]}})
        method = self.ask("{eligibleShippingMethods{id}}")["eligibleShippingMethods"][0]["id"]
        self.ask("mutation($m:[ID!]!){setOrderShippingMethod(shippingMethodId:$m){"
                 f"... on Order{{id}} {ERROR}}}}}", {"m": [method]})

    def pay(self, method="karte"):
        self.ask("mutation{transitionOrderToState(state:\"ArrangingPayment\"){... on Order{id} "
                 f"{ERROR}}}}}")
        order = self.ask(
            "mutation($m:String!){addPaymentToOrder(input:{method:$m,metadata:{}}){"
            f"... on Order{{id code state totalWithTax}} {ERROR}}}}}", {"m": method})
        order = order["addPaymentToOrder"]
        return Bought(order["id"], order["code"], order["state"], order["totalWithTax"])


def buy(shop, goods, person=0, method="karte", **changes):
    """A whole order of {sku: quantity}."""
    buyer = Buyer(shop, person, **changes)
    for sku, quantity in goods.items():
        buyer.put(sku, quantity)
    buyer.check_out()
    return buyer.pay(method)
