# A course is sold, used and returned. Paste it into a shell that has curl.
API={api}
PROVIDER={provider}
BUYER={buyer}
ADMIN={admin}

id() { grep -o "$1_[0-9A-Z]*" | head -n 1; }
post() { curl -sS "$API$2" -H "Authorization: Bearer $1" -H "Content-Type: application/json" -H "Idempotency-Key: walk-$RANDOM$RANDOM" -d "$3"; }
get() { curl -sS "$API$2" -H "Authorization: Bearer $1"; }

# 1. The provider drafts a listing, adds a plan (a pack of 2 seats) and submits it.
LISTING=$(post $PROVIDER /listings '{"courseId":"crs_demo_1","courseVersionId":"cv_demo_1","marketing":{"tagline":"Welding for beginners"},"refundPolicy":{"refundDays":14}}' | id lst)
PLAN=$(post $PROVIDER /listings/$LISTING/plans '{"kind":"seat_pack","price":{"amount":"49.90","currency":"USD"},"seats":2}' | id pln)
VERSION=$(post $PROVIDER /listings/$LISTING/submit '{}' | grep -o '"version":[0-9]*' | grep -o '[0-9]*')

# 2. The platform approves the version it reviewed; the provider goes live.
post $ADMIN /admin/listings/$LISTING/approve "{\"reviewedVersion\":$VERSION}"; echo
post $PROVIDER /listings/$LISTING/go-live '{}'; echo

# 3. A coupon of 10 %, and a quote that holds it for 15 minutes.
CODE=WALK$RANDOM
post $ADMIN /coupons "{\"code\":\"$CODE\",\"discount\":{\"kind\":\"percent\",\"value\":10},\"usageCap\":100}"; echo
CART="{\"currency\":\"USD\",\"lines\":[{\"listingId\":\"$LISTING\",\"pricingPlanId\":\"$PLAN\",\"quantity\":2}],\"couponCodes\":[\"$CODE\"]}"
post $BUYER /quotes "$CART"; echo

# 4. The buyer orders with the coupon and pays; the answer is the fulfilled order.
ORDER=$(post $BUYER /orders "$CART" | id ord)
post $BUYER /orders/$ORDER/pay '{"paymentToken":"tok_ok"}'; echo

# 5. A seat is assigned, and the entitlement check says yes.
LICENSE=$(get $BUYER /orders/$ORDER | id lic)
post $BUYER /licenses/$LICENSE/seats '{"userId":"ann"}'; echo
post $BUYER /entitlements/check '{"userId":"ann","courseId":"crs_demo_1"}'; echo

# 6. The provider's earnings show the split.
get $PROVIDER /provider/earnings; echo

# 7. A refund takes it all back, to the cent.
post $BUYER /orders/$ORDER/refunds '{"reason":"changed my mind"}'; echo
post $BUYER /entitlements/check '{"userId":"ann","courseId":"crs_demo_1"}'; echo
get $PROVIDER /provider/earnings; echo
