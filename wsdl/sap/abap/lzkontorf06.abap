*----------------------------------------------------------------------*
* Function group ZKONTOR, categories and customers (include LZKONTORF06).
*----------------------------------------------------------------------*

* One page of the product hierarchy. All of it is read each time, as a node's
* parent may stand on an earlier page; it has some thousand rows.
FORM category_page USING is_token TYPE ty_token
                         iv_max TYPE i
                   CHANGING ct_category TYPE zkontor_t_category
                            ct_text TYPE zkontor_t_category_text
                            cv_total TYPE i
                            cv_more TYPE c
                            cv_last TYPE t179-prodh.
  TYPES: BEGIN OF ty_above,
           stufe TYPE t179-stufe,
           prodh TYPE t179-prodh,
         END OF ty_above.
  DATA: lt_t179  TYPE STANDARD TABLE OF t179,
        ls_t179  TYPE t179,
        lt_above TYPE SORTED TABLE OF ty_above WITH UNIQUE KEY stufe,
        ls_above TYPE ty_above,
        lv_count TYPE i,
        lv_key   TYPE t179-prodh,
        ls_out   TYPE zkontor_s_category.
  CLEAR: ct_category, ct_text, cv_more, cv_last.
  lv_key = is_token-key.
  SELECT * FROM t179 INTO TABLE lt_t179.
  SORT lt_t179 BY prodh.                          " a node stands behind the one above it
  DESCRIBE TABLE lt_t179 LINES cv_total.
  LOOP AT lt_t179 INTO ls_t179.
    CLEAR ls_out.
    ls_out-position = sy-tabix.
    DELETE lt_above WHERE stufe >= ls_t179-stufe.
    LOOP AT lt_above INTO ls_above.               " the last one is the nearest
      ls_out-parent = ls_above-prodh.
    ENDLOOP.
    ls_above-stufe = ls_t179-stufe.
    ls_above-prodh = ls_t179-prodh.
    INSERT ls_above INTO TABLE lt_above.
    CHECK ls_t179-prodh > lv_key.
    IF lv_count >= iv_max.
      cv_more = 'X'.
      EXIT.
    ENDIF.
    lv_count  = lv_count + 1.
    cv_last   = ls_t179-prodh.
    ls_out-id = ls_t179-prodh.
    APPEND ls_out TO ct_category.
    PERFORM category_texts USING ls_t179-prodh CHANGING ct_text.
  ENDLOOP.
ENDFORM.

FORM category_texts USING iv_prodh TYPE t179-prodh
                    CHANGING ct_text TYPE zkontor_t_category_text.
  DATA: lt_t179t TYPE STANDARD TABLE OF t179t,
        ls_t179t TYPE t179t,
        ls_out   TYPE zkontor_s_category_text.
  SELECT * FROM t179t INTO TABLE lt_t179t WHERE prodh = iv_prodh.
  LOOP AT lt_t179t INTO ls_t179t.
    ls_out-id = iv_prodh.
    PERFORM langu_out USING ls_t179t-spras CHANGING ls_out-langu.
    ls_out-name = ls_t179t-vtext.
    APPEND ls_out TO ct_text.
  ENDLOOP.
ENDFORM.

* The customers of one page, ascending, behind the token's key: those of the
* sales area, in every division of it.
FORM account_keys USING is_token TYPE ty_token
                        is_area TYPE ty_area
                        iv_max TYPE i
                  CHANGING ct_kunnr TYPE ty_kunnr_tab
                           cv_more TYPE c
                           cv_last TYPE kunnr.
  DATA: lt_all   TYPE STANDARD TABLE OF kunnr,
        lt_set   TYPE ty_kunnr_tab,
        lv_kunnr TYPE kunnr,
        lv_key   TYPE kunnr,
        lv_rows  TYPE i.
  CLEAR: ct_kunnr, cv_more, cv_last.
  lv_key  = is_token-key.
  lv_rows = iv_max + 1.
  IF is_token-snapshot = 'X'.
    SELECT DISTINCT a~kunnr FROM knvv AS a INNER JOIN kna1 AS b ON b~kunnr = a~kunnr
      INTO TABLE lt_all UP TO lv_rows ROWS
      WHERE a~kunnr > lv_key AND a~vkorg = is_area-vkorg AND a~vtweg = is_area-vtweg
        AND a~loevm = space AND b~loevm = space AND b~xcpdk = space
      ORDER BY a~kunnr.
  ELSE.
    PERFORM account_changes USING is_token-since CHANGING lt_set.
    LOOP AT lt_set INTO lv_kunnr WHERE table_line > lv_key.
      APPEND lv_kunnr TO lt_all.
    ENDLOOP.
  ENDIF.
  LOOP AT lt_all INTO lv_kunnr.
    IF sy-tabix > iv_max.
      cv_more = 'X'.
      EXIT.
    ENDIF.
    cv_last = lv_kunnr.
    INSERT lv_kunnr INTO TABLE ct_kunnr.
  ENDLOOP.
ENDFORM.

* Change documents of customers (DEBI) and of addresses (ADRESSE, whose object
* begins with BP and the address number), and the day of creation.
FORM account_changes USING iv_since TYPE timestamp
                     CHANGING ct_kunnr TYPE ty_kunnr_tab.
  DATA: ls_since    TYPE ty_local,
        lt_objectid TYPE ty_objectid_tab,
        lv_objectid TYPE cdhdr-objectid,
        lt_kunnr    TYPE STANDARD TABLE OF kunnr,
        lv_kunnr    TYPE kunnr,
        lv_adrnr    TYPE kna1-adrnr.
  PERFORM local_time USING iv_since CHANGING ls_since.
  SELECT kunnr FROM kna1 INTO TABLE lt_kunnr WHERE erdat >= ls_since-datum.
  PERFORM changed_objects USING 'DEBI' ls_since CHANGING lt_objectid.
  LOOP AT lt_objectid INTO lv_objectid.
    lv_kunnr = lv_objectid.
    APPEND lv_kunnr TO lt_kunnr.
  ENDLOOP.
  CLEAR lt_objectid.
  PERFORM changed_objects USING 'ADRESSE' ls_since CHANGING lt_objectid.
  LOOP AT lt_objectid INTO lv_objectid WHERE table_line(2) = 'BP'.
    lv_adrnr = lv_objectid+4(10).
    SELECT kunnr FROM kna1 APPENDING TABLE lt_kunnr WHERE adrnr = lv_adrnr.
  ENDLOOP.
  LOOP AT lt_kunnr INTO lv_kunnr.
    INSERT lv_kunnr INTO TABLE ct_kunnr.          " known already: nothing to do
  ENDLOOP.
ENDFORM.

* One customer, or its deletion: flagged, not in the sales area, or an account
* for one-time customers.
FORM account_read USING iv_kunnr TYPE kunnr
                        is_area TYPE ty_area
                        iv_snapshot TYPE c
                  CHANGING ct_customer TYPE zkontor_t_account
                           ct_deleted TYPE zkontor_t_account_del.
  DATA: ls_kna1  TYPE kna1,
        ls_knvv  TYPE knvv,
        ls_out   TYPE zkontor_s_account,
        ls_gone  TYPE zkontor_s_account_del,
        lv_lives TYPE c LENGTH 1.
  SELECT SINGLE * FROM kna1 INTO ls_kna1
    WHERE kunnr = iv_kunnr AND loevm = space AND xcpdk = space.
  IF sy-subrc = 0.
    SELECT * FROM knvv INTO ls_knvv UP TO 1 ROWS
      WHERE kunnr = iv_kunnr AND vkorg = is_area-vkorg AND vtweg = is_area-vtweg AND loevm = space
      ORDER BY spart.
      lv_lives = 'X'.
    ENDSELECT.
  ENDIF.
  PERFORM alpha_out USING iv_kunnr CHANGING ls_out-kunnr.
  PERFORM now_text CHANGING ls_out-changed_at.
  IF lv_lives IS INITIAL.
    IF iv_snapshot IS INITIAL.
      ls_gone-kunnr      = ls_out-kunnr.
      ls_gone-changed_at = ls_out-changed_at.
      APPEND ls_gone TO ct_deleted.
    ENDIF.
    RETURN.
  ENDIF.
  ls_out-name       = ls_kna1-name1.
  ls_out-vat_id     = ls_kna1-stceg.
  ls_out-street     = ls_kna1-stras.
  ls_out-postl_code = ls_kna1-pstlz.
  ls_out-city       = ls_kna1-ort01.
  SELECT SINGLE intca FROM t005 INTO ls_out-country WHERE land1 = ls_kna1-land1.
  SELECT smtp_addr FROM adr6 INTO ls_out-email UP TO 1 ROWS
    WHERE addrnumber = ls_kna1-adrnr AND persnumber = space AND flgdefault = 'X'.
  ENDSELECT.
  ls_out-price_list     = ls_knvv-pltyp.
  ls_out-customer_group = ls_knvv-konda.          " the group that prices of A032 are for
  IF ls_kna1-stkzn IS INITIAL.                    " not a natural person
    ls_out-b2b = 'X'.
  ENDIF.
  IF ls_kna1-aufsd IS NOT INITIAL OR ls_knvv-aufsd IS NOT INITIAL.
    ls_out-blocked = 'X'.
  ENDIF.
  APPEND ls_out TO ct_customer.
ENDFORM.

FORM account_total USING is_token TYPE ty_token
                         is_area TYPE ty_area
                   CHANGING cv_total TYPE i.
  cv_total = -1.
  IF is_token-snapshot IS INITIAL.
    RETURN.
  ENDIF.
  SELECT COUNT( DISTINCT a~kunnr ) FROM knvv AS a INNER JOIN kna1 AS b ON b~kunnr = a~kunnr
    INTO cv_total
    WHERE a~vkorg = is_area-vkorg AND a~vtweg = is_area-vtweg
      AND a~loevm = space AND b~loevm = space AND b~xcpdk = space.
ENDFORM.
