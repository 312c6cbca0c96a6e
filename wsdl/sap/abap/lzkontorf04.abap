*----------------------------------------------------------------------*
* Function group ZKONTOR, prices, stock, customers' matches (include LZKONTORF04).
*----------------------------------------------------------------------*

* The condition types of setting PRICE_COND.
FORM price_types CHANGING cr_kschl TYPE ty_kschl_range.
  DATA: ls_kschl LIKE LINE OF cr_kschl,
        lt_conf  TYPE STANDARD TABLE OF zkontor_conf,
        ls_conf  TYPE zkontor_conf.
  CLEAR cr_kschl.
  SELECT * FROM zkontor_conf INTO TABLE lt_conf WHERE name = 'PRICE_COND' ORDER BY PRIMARY KEY.
  LOOP AT lt_conf INTO ls_conf.
    ls_kschl-sign   = 'I'.
    ls_kschl-option = 'EQ'.
    ls_kschl-low    = ls_conf-value.
    APPEND ls_kschl TO cr_kschl.
  ENDLOOP.
ENDFORM.

* How many rows a whole snapshot has. Counted with its last page alone, as the
* scales have to be read for it; -1: not counted.
FORM price_total USING is_token TYPE ty_token
                       is_area TYPE ty_area
                       iv_more TYPE c
                 CHANGING cv_total TYPE i.
  DATA: lr_kschl TYPE ty_kschl_range,
        ls_token TYPE ty_token,
        lt_all   TYPE ty_price_keys,
        lt_konp  TYPE STANDARD TABLE OF konp,
        ls_konp  TYPE konp,
        lt_konm  TYPE SORTED TABLE OF konm WITH NON-UNIQUE KEY knumh kopos,
        lv_from  TYPE knumh,
        lv_steps TYPE i.
  cv_total = -1.
  IF is_token-snapshot IS INITIAL OR iv_more = 'X'.
    RETURN.
  ENDIF.
  cv_total = 0.
  PERFORM price_types CHANGING lr_kschl.
  IF lr_kschl IS INITIAL.
    RETURN.
  ENDIF.
  ls_token = is_token.
  PERFORM price_select USING ls_token is_area lv_from lr_kschl CHANGING lt_all.
  IF lt_all IS INITIAL.                           " FOR ALL ENTRIES of nothing would read everything
    RETURN.
  ENDIF.
  SELECT * FROM konp INTO TABLE lt_konp FOR ALL ENTRIES IN lt_all
    WHERE knumh = lt_all-knumh AND loevm_ko = space AND kschl <> space.
  SELECT * FROM konm INTO TABLE lt_konm FOR ALL ENTRIES IN lt_all WHERE knumh = lt_all-knumh.
  LOOP AT lt_konp INTO ls_konp.
    lv_steps = 0.
    LOOP AT lt_konm TRANSPORTING NO FIELDS WHERE knumh = ls_konp-knumh AND kopos = ls_konp-kopos.
      lv_steps = lv_steps + 1.
    ENDLOOP.
    IF lv_steps = 0.
      cv_total = cv_total + 1.
    ELSEIF ls_konp-kzbzg = 'C' AND ls_konp-stfkz <> 'B'.
      cv_total = cv_total + lv_steps.             " the other scales are left out by price_read, too
    ENDIF.
  ENDLOOP.
ENDFORM.

* One page of condition records, ascending by number. A number is never
* split over two pages. Change documents of conditions (COND_A) carry the
* record's number; new records leave none, so their day of creation counts.
FORM price_keys USING is_token TYPE ty_token
                      is_area TYPE ty_area
                      iv_max TYPE i
                CHANGING ct_key TYPE ty_price_keys
                         cv_more TYPE c
                         cv_last TYPE knumh.
  DATA: lr_kschl    TYPE ty_kschl_range,
        lt_all      TYPE ty_price_keys,
        ls_all      TYPE ty_price_key,
        lt_knumh    TYPE ty_knumh_tab,
        lv_count    TYPE i,
        lv_from     TYPE knumh.
  CLEAR: ct_key, cv_more, cv_last.
  PERFORM price_types CHANGING lr_kschl.
  IF lr_kschl IS INITIAL.
    RETURN.                                       " no prices wanted
  ENDIF.
  lv_from = is_token-key.
  PERFORM price_select USING is_token is_area lv_from lr_kschl CHANGING lt_all.
  IF is_token-snapshot IS INITIAL.
    PERFORM price_changes USING is_token-since CHANGING lt_knumh.
    LOOP AT lt_all INTO ls_all.
      READ TABLE lt_knumh TRANSPORTING NO FIELDS WITH TABLE KEY table_line = ls_all-knumh.
      IF sy-subrc <> 0.
        DELETE lt_all.
      ENDIF.
    ENDLOOP.
  ENDIF.
  LOOP AT lt_all INTO ls_all.
    IF ls_all-knumh <> cv_last.
      IF lv_count >= iv_max.
        cv_more = 'X'.
        EXIT.
      ENDIF.
      lv_count = lv_count + 1.
      cv_last = ls_all-knumh.
    ENDIF.
    APPEND ls_all TO ct_key.
  ENDLOOP.
ENDFORM.

FORM price_select USING is_token TYPE ty_token
                        is_area TYPE ty_area
                        iv_from TYPE knumh
                        ir_kschl TYPE ty_kschl_range
                  CHANGING ct_all TYPE ty_price_keys.
  DATA: ls_all   TYPE ty_price_key,
        lv_until TYPE d,
        lv_list  TYPE zkontor_conf-value.
  IF is_token-snapshot = 'X'.
    lv_until = sy-datum.
  ENDIF.                                          " a change run must tell that a price was ended
  PERFORM setting USING 'PRICE_LIST_A004' CHANGING lv_list.
  IF lv_list IS INITIAL.
    lv_list = '00'.
  ENDIF.
  CLEAR ct_all.
  SELECT knumh matnr datab datbi FROM a004
    INTO CORRESPONDING FIELDS OF TABLE ct_all
    WHERE kappl = 'V' AND kschl IN ir_kschl AND knumh > iv_from
      AND vkorg = is_area-vkorg AND vtweg = is_area-vtweg AND datbi >= lv_until.
  ls_all-kotab = 'A004'.
  ls_all-pltyp = lv_list.
  MODIFY ct_all FROM ls_all TRANSPORTING kotab pltyp WHERE kotab IS INITIAL.
  SELECT knumh matnr pltyp datab datbi FROM a006
    APPENDING CORRESPONDING FIELDS OF TABLE ct_all
    WHERE kappl = 'V' AND kschl IN ir_kschl AND knumh > iv_from
      AND vkorg = is_area-vkorg AND vtweg = is_area-vtweg AND datbi >= lv_until.
  ls_all-kotab = 'A006'.
  MODIFY ct_all FROM ls_all TRANSPORTING kotab WHERE kotab IS INITIAL.
  SELECT knumh matnr kunnr datab datbi FROM a005
    APPENDING CORRESPONDING FIELDS OF TABLE ct_all
    WHERE kappl = 'V' AND kschl IN ir_kschl AND knumh > iv_from
      AND vkorg = is_area-vkorg AND vtweg = is_area-vtweg AND datbi >= lv_until.
  ls_all-kotab = 'A005'.
  ls_all-pltyp = lv_list.
  MODIFY ct_all FROM ls_all TRANSPORTING kotab pltyp WHERE kotab IS INITIAL.
  SELECT knumh matnr konda datab datbi FROM a032
    APPENDING CORRESPONDING FIELDS OF TABLE ct_all
    WHERE kappl = 'V' AND kschl IN ir_kschl AND knumh > iv_from
      AND vkorg = is_area-vkorg AND vtweg = is_area-vtweg AND datbi >= lv_until.
  ls_all-kotab = 'A032'.
  MODIFY ct_all FROM ls_all TRANSPORTING kotab pltyp WHERE kotab IS INITIAL.
  SORT ct_all BY knumh kotab matnr datbi.
  DELETE ADJACENT DUPLICATES FROM ct_all COMPARING knumh.
ENDFORM.

FORM price_changes USING iv_since TYPE timestamp
                   CHANGING ct_knumh TYPE ty_knumh_tab.
  DATA: ls_since    TYPE ty_local,
        lt_objectid TYPE ty_objectid_tab,
        lv_objectid TYPE cdhdr-objectid,
        lt_new      TYPE STANDARD TABLE OF knumh,
        lv_knumh    TYPE knumh.
  PERFORM local_time USING iv_since CHANGING ls_since.
  PERFORM changed_objects USING 'COND_A' ls_since CHANGING lt_objectid.
  SELECT knumh FROM konh INTO TABLE lt_new WHERE erdat >= ls_since-datum AND kappl = 'V'.
  LOOP AT lt_objectid INTO lv_objectid.
    lv_knumh = lv_objectid.
    APPEND lv_knumh TO lt_new.
  ENDLOOP.
  LOOP AT lt_new INTO lv_knumh.
    INSERT lv_knumh INTO TABLE ct_knumh.          " known already: nothing to do
  ENDLOOP.
ENDFORM.

FORM price_read USING is_key TYPE ty_price_key
                      is_area TYPE ty_area
                      iv_snapshot TYPE c
                CHANGING ct_price TYPE zkontor_t_price
                         ct_deleted TYPE zkontor_t_price_del
                         ct_return TYPE zkontor_t_return.
  DATA: lt_konp  TYPE STANDARD TABLE OF konp,
        ls_konp  TYPE konp,
        lt_konm  TYPE STANDARD TABLE OF konm,
        ls_konm  TYPE konm,
        ls_out   TYPE zkontor_s_price,
        ls_gone  TYPE zkontor_s_price_del,
        lv_gross TYPE zkontor_conf-value,
        lv_value TYPE zkontor_conf-value,
        lv_name  TYPE zkontor_conf-name,
        lv_text  TYPE string.
  SELECT * FROM konp INTO TABLE lt_konp WHERE knumh = is_key-knumh ORDER BY PRIMARY KEY.
  LOOP AT lt_konp INTO ls_konp WHERE kschl IS NOT INITIAL.
    CLEAR: ls_out, lt_konm.
    PERFORM matnr_out USING is_key-matnr CHANGING ls_out-matnr.
    SELECT * FROM konm INTO TABLE lt_konm
      WHERE knumh = ls_konp-knumh AND kopos = ls_konp-kopos ORDER BY PRIMARY KEY.
    IF lt_konm IS INITIAL.                        " no scale: one step from zero on
      ls_konm-klfn1 = '0001'.
      ls_konm-kbetr = ls_konp-kbetr.
      APPEND ls_konm TO lt_konm.
    ELSEIF ls_konp-kzbzg <> 'C' OR ls_konp-stfkz = 'B'.
      lv_text = |Price { ls_konp-knumh }: only quantity scales with lower bounds are read|.
      PERFORM message USING 'W' '027' lv_text 0 'ET_PRICE' space CHANGING ct_return.
      CONTINUE.
    ENDIF.
    CONCATENATE 'GROSS_' ls_konp-kschl INTO lv_name.
    PERFORM setting USING lv_name CHANGING lv_gross.
    ls_out-price_list = is_key-pltyp.
    ls_out-currency   = ls_konp-konwa.
    ls_out-per        = ls_konp-kpein.
    PERFORM unit_out USING ls_konp-kmein CHANGING ls_out-unit.
    ls_out-gross      = lv_gross.
    ls_out-customer_group = is_key-konda.
    IF is_key-kunnr IS NOT INITIAL.
      PERFORM alpha_out USING is_key-kunnr CHANGING ls_out-customer.
    ENDIF.
    CONCATENATE 'KIND_' ls_konp-kschl INTO lv_name.
    PERFORM setting USING lv_name CHANGING lv_value.
    ls_out-kind = lv_value.
    CONCATENATE 'MARKET_' ls_konp-kschl INTO lv_name.
    PERFORM setting USING lv_name CHANGING lv_value.
    ls_out-market = lv_value.
    CONCATENATE 'PRIORITY_' ls_konp-kschl INTO lv_name.
    PERFORM setting USING lv_name CHANGING lv_value.
    CONDENSE lv_value NO-GAPS.
    IF lv_value IS NOT INITIAL AND lv_value CO '0123456789 '.
      ls_out-priority = lv_value.
    ENDIF.
    ls_out-valid_from = is_key-datab.
    ls_out-valid_to   = is_key-datbi.
    SELECT SINGLE taxm1 FROM mlan INTO ls_out-tax_class
      WHERE matnr = is_key-matnr AND aland = is_area-aland.
    PERFORM now_text CHANGING ls_out-changed_at.
    LOOP AT lt_konm INTO ls_konm.
      CONCATENATE ls_konp-knumh '-' ls_konp-kopos '-' ls_konm-klfn1 INTO ls_out-price_id.
      IF ls_konp-loevm_ko = 'X'.
        IF iv_snapshot IS INITIAL.
          ls_gone-price_id   = ls_out-price_id.
          ls_gone-matnr      = ls_out-matnr.
          ls_gone-changed_at = ls_out-changed_at.
          APPEND ls_gone TO ct_deleted.
        ENDIF.
      ELSE.
        PERFORM amount_out USING ls_konm-kbetr ls_konp-konwa CHANGING ls_out-amount.
        ls_out-min_qty = ls_konm-kstbm.
        APPEND ls_out TO ct_price.
      ENDIF.
    ENDLOOP.
  ENDLOOP.
ENDFORM.

* Materials whose figure may have moved: goods movements, and sales and
* purchase orders that were made or changed. The posting day limits the read to the standard
* index of MKPF; a movement is never posted further back than gc_backdate.
FORM stock_changes USING iv_since TYPE timestamp
                   CHANGING ct_matnr TYPE ty_matnr_tab.
  DATA: ls_since    TYPE ty_local,
        lv_posted   TYPE d,
        lt_objectid TYPE ty_objectid_tab,
        lv_objectid TYPE cdhdr-objectid,
        lt_vbeln    TYPE STANDARD TABLE OF vbak-vbeln,
        lv_vbeln    TYPE vbak-vbeln,
        lt_ebeln    TYPE STANDARD TABLE OF ekko-ebeln,
        lv_ebeln    TYPE ekko-ebeln,
        lt_matnr    TYPE STANDARD TABLE OF matnr,
        lv_matnr    TYPE matnr.
  PERFORM local_time USING iv_since CHANGING ls_since.
  lv_posted = ls_since-datum - gc_backdate.
  SELECT DISTINCT b~matnr FROM mkpf AS a
    INNER JOIN mseg AS b ON b~mblnr = a~mblnr AND b~mjahr = a~mjahr
    INTO TABLE lt_matnr
    WHERE a~budat >= lv_posted AND b~matnr <> space
      AND ( a~cpudt > ls_since-datum OR ( a~cpudt = ls_since-datum AND a~cputm >= ls_since-uzeit ) ).
  SELECT vbeln FROM vbak INTO TABLE lt_vbeln
    WHERE erdat > ls_since-datum OR ( erdat = ls_since-datum AND erzet >= ls_since-uzeit ).
  PERFORM changed_objects USING 'VERKBELEG' ls_since CHANGING lt_objectid.
  LOOP AT lt_objectid INTO lv_objectid.
    lv_vbeln = lv_objectid.
    APPEND lv_vbeln TO lt_vbeln.
  ENDLOOP.
  IF lt_vbeln IS NOT INITIAL.                     " FOR ALL ENTRIES of nothing would read everything
    SELECT matnr FROM vbap APPENDING TABLE lt_matnr
      FOR ALL ENTRIES IN lt_vbeln WHERE vbeln = lt_vbeln-table_line.
  ENDIF.
  CLEAR lt_objectid.
  SELECT ebeln FROM ekko INTO TABLE lt_ebeln WHERE aedat >= ls_since-datum.
  PERFORM changed_objects USING 'EINKBELEG' ls_since CHANGING lt_objectid.
  LOOP AT lt_objectid INTO lv_objectid.
    lv_ebeln = lv_objectid.
    APPEND lv_ebeln TO lt_ebeln.
  ENDLOOP.
  IF lt_ebeln IS NOT INITIAL.
    SELECT matnr FROM ekpo APPENDING TABLE lt_matnr
      FOR ALL ENTRIES IN lt_ebeln WHERE ebeln = lt_ebeln-table_line.
  ENDIF.
  LOOP AT lt_matnr INTO lv_matnr WHERE table_line IS NOT INITIAL.
    INSERT lv_matnr INTO TABLE ct_matnr.          " known already: nothing to do
  ENDLOOP.
ENDFORM.

FORM stock_keys USING is_token TYPE ty_token
                      is_area TYPE ty_area
                      iv_max TYPE i
                CHANGING ct_matnr TYPE ty_matnr_tab
                         cv_more TYPE c
                         cv_last TYPE matnr.
  DATA: lt_set   TYPE ty_matnr_tab,
        lv_matnr TYPE matnr,
        lv_key   TYPE matnr,
        lv_count TYPE i.
  IF is_token-snapshot = 'X'.
    PERFORM article_keys USING is_token is_area iv_max CHANGING ct_matnr cv_more.
    LOOP AT ct_matnr INTO cv_last. ENDLOOP.
    RETURN.
  ENDIF.
  lv_key = is_token-key.
  PERFORM stock_changes USING is_token-since CHANGING lt_set.
  LOOP AT lt_set INTO lv_matnr WHERE table_line > lv_key.
    IF lv_count >= iv_max.
      cv_more = 'X'.
      EXIT.
    ENDIF.
    lv_count = lv_count + 1.
    cv_last = lv_matnr.
    INSERT lv_matnr INTO TABLE ct_matnr.
  ENDLOOP.
ENDFORM.

* One row per plant of setting PLANT: sums over its storage locations, and
* what is free of them after the open quantities of orders and deliveries.
FORM stock_read USING iv_matnr TYPE matnr
                      it_plant TYPE ty_plant_tab
                CHANGING ct_stock TYPE zkontor_t_stock
                         ct_expected TYPE zkontor_t_expected
                         ct_deleted TYPE zkontor_t_stock_del.
  DATA: lv_plant TYPE werks_d,
        ls_out   TYPE zkontor_s_stock,
        ls_gone  TYPE zkontor_s_stock_del,
        lv_meins TYPE meins,
        lv_lvorm TYPE marc-lvorm,
        lv_open  TYPE vbbe-omeng,
        lv_mblnr TYPE mseg-mblnr.
  SELECT SINGLE meins FROM mara INTO lv_meins WHERE matnr = iv_matnr.
  LOOP AT it_plant INTO lv_plant.
    CLEAR: ls_out, ls_gone, lv_open, lv_mblnr.
    PERFORM matnr_out USING iv_matnr CHANGING ls_out-matnr.
    ls_out-plant = lv_plant.
    PERFORM now_text CHANGING ls_out-as_of.
    SELECT SINGLE lvorm FROM marc INTO lv_lvorm WHERE matnr = iv_matnr AND werks = lv_plant.
    IF sy-subrc <> 0 OR lv_lvorm = 'X'.
      ls_gone-matnr      = ls_out-matnr.
      ls_gone-plant      = lv_plant.
      ls_gone-changed_at = ls_out-as_of.
      APPEND ls_gone TO ct_deleted.
      CONTINUE.
    ENDIF.
    PERFORM unit_out USING lv_meins CHANGING ls_out-unit.
    SELECT SUM( labst ) SUM( insme ) SUM( speme ) FROM mard
      INTO (ls_out-on_hand, ls_out-quality, ls_out-blocked)
      WHERE matnr = iv_matnr AND werks = lv_plant.
    SELECT SUM( omeng ) FROM vbbe INTO lv_open WHERE matnr = iv_matnr AND werks = lv_plant.
    ls_out-available = ls_out-on_hand - lv_open.
    PERFORM stock_demand USING iv_matnr lv_plant CHANGING ls_out-other_demand.
    PERFORM stock_expected USING iv_matnr lv_plant ls_out-matnr CHANGING ct_expected.
    SELECT MAX( mblnr ) FROM mseg INTO lv_mblnr
      WHERE matnr = iv_matnr AND werks = lv_plant AND mjahr = sy-datum(4).
    ls_out-last_doc = lv_mblnr.
    APPEND ls_out TO ct_stock.
  ENDLOOP.
ENDFORM.

* What production and manual reservations still take (not planned orders, BDART SB).
FORM stock_demand USING iv_matnr TYPE matnr
                        iv_plant TYPE werks_d
                  CHANGING cv_demand TYPE zkontor_qty.
  DATA: lt_resb TYPE STANDARD TABLE OF resb,
        ls_resb TYPE resb.
  CLEAR cv_demand.
  SELECT * FROM resb INTO TABLE lt_resb
    WHERE matnr = iv_matnr AND werks = iv_plant
      AND xloek = space AND kzear = space AND shkzg = 'H' AND bdart <> 'SB'.
  LOOP AT lt_resb INTO ls_resb WHERE bdmng > 0.
    IF ls_resb-bdmng > ls_resb-enmng.
      cv_demand = cv_demand + ls_resb-bdmng - ls_resb-enmng.
    ENDIF.
  ENDLOOP.
ENDFORM.

* Open schedule lines of purchase orders and scheduling agreements, in base
* units, one row per day.
FORM stock_expected USING iv_matnr TYPE matnr
                          iv_plant TYPE werks_d
                          iv_external TYPE clike
                    CHANGING ct_expected TYPE zkontor_t_expected.
  TYPES: BEGIN OF ty_line,
           eindt TYPE eket-eindt,
           menge TYPE eket-menge,
           wemng TYPE eket-wemng,
           umrez TYPE ekpo-umrez,
           umren TYPE ekpo-umren,
         END OF ty_line,
         BEGIN OF ty_day,
           eindt    TYPE eket-eindt,
           quantity TYPE zkontor_qty,
         END OF ty_day.
  DATA: lt_line TYPE STANDARD TABLE OF ty_line,
        ls_line TYPE ty_line,
        lt_day  TYPE SORTED TABLE OF ty_day WITH UNIQUE KEY eindt,
        ls_day  TYPE ty_day,
        ls_out  TYPE zkontor_s_expected.
  SELECT s~eindt s~menge s~wemng p~umrez p~umren
    INTO TABLE lt_line
    FROM ekpo AS p INNER JOIN ekko AS h ON h~ebeln = p~ebeln
                   INNER JOIN eket AS s ON s~ebeln = p~ebeln AND s~ebelp = p~ebelp
    WHERE p~matnr = iv_matnr AND p~werks = iv_plant AND p~loekz = space AND p~elikz = space
      AND p~retpo = space AND h~loekz = space AND ( h~bstyp = 'F' OR h~bstyp = 'L' ).
  LOOP AT lt_line INTO ls_line WHERE umren > 0.
    CHECK ls_line-menge > ls_line-wemng.
    ls_day-eindt    = ls_line-eindt.
    ls_day-quantity = ( ls_line-menge - ls_line-wemng ) * ls_line-umrez / ls_line-umren.
    COLLECT ls_day INTO lt_day.
  ENDLOOP.
  LOOP AT lt_day INTO ls_day.
    ls_out-matnr    = iv_external.
    ls_out-plant    = iv_plant.
    ls_out-day      = ls_day-eindt.
    ls_out-quantity = ls_day-quantity.
    APPEND ls_out TO ct_expected.
  ENDLOOP.
ENDFORM.

* Rows of a whole snapshot: materials of the sales area in the plants.
FORM stock_total USING is_token TYPE ty_token
                       is_area TYPE ty_area
                       it_plant TYPE ty_plant_tab
                 CHANGING cv_total TYPE i.
  DATA: lr_plant TYPE ty_plant_range,
        ls_plant LIKE LINE OF lr_plant,
        lv_plant TYPE werks_d.
  cv_total = -1.
  IF is_token-snapshot IS INITIAL.
    RETURN.
  ENDIF.
  LOOP AT it_plant INTO lv_plant.
    ls_plant-sign   = 'I'.
    ls_plant-option = 'EQ'.
    ls_plant-low    = lv_plant.
    APPEND ls_plant TO lr_plant.
  ENDLOOP.
  SELECT COUNT( * ) FROM marc AS c INNER JOIN mvke AS a ON a~matnr = c~matnr
                                   INNER JOIN mara AS b ON b~matnr = c~matnr
    INTO cv_total
    WHERE c~werks IN lr_plant AND c~lvorm = space AND b~lvorm = space
      AND a~vkorg = is_area-vkorg AND a~vtweg = is_area-vtweg AND a~lvorm = space.
ENDFORM.

* The short search field of the mail address may fit by chance: compare all of it.
FORM customer_add USING iv_kunnr TYPE kunnr
                        iv_by TYPE clike
                        iv_value TYPE clike
                  CHANGING ct_customer TYPE zkontor_t_customer.
  DATA: ls_kna1  TYPE kna1,
        ls_out   TYPE zkontor_s_customer,
        lt_mail  TYPE STANDARD TABLE OF adr6-smtp_addr,
        lv_mail  TYPE adr6-smtp_addr,
        lv_want  TYPE adr6-smtp_addr,
        lv_fits  TYPE c LENGTH 1.
  SELECT SINGLE * FROM kna1 INTO ls_kna1
    WHERE kunnr = iv_kunnr AND xcpdk = space AND loevm = space.
  IF sy-subrc <> 0.
    RETURN.
  ENDIF.
  IF iv_by = 'EMAIL'.
    lv_want = iv_value.
    TRANSLATE lv_want TO UPPER CASE.
    SELECT smtp_addr FROM adr6 INTO TABLE lt_mail WHERE addrnumber = ls_kna1-adrnr.
    LOOP AT lt_mail INTO lv_mail.
      TRANSLATE lv_mail TO UPPER CASE.
      IF lv_mail = lv_want.
        lv_fits = 'X'.
      ENDIF.
    ENDLOOP.
    IF lv_fits IS INITIAL.
      RETURN.
    ENDIF.
  ENDIF.
  PERFORM alpha_out USING ls_kna1-kunnr CHANGING ls_out-kunnr.
  READ TABLE ct_customer TRANSPORTING NO FIELDS WITH KEY kunnr = ls_out-kunnr.
  IF sy-subrc = 0.
    RETURN.                                       " found by a stronger mark already
  ENDIF.
  ls_out-name       = ls_kna1-name1.
  ls_out-postl_code = ls_kna1-pstlz.
  SELECT SINGLE intca FROM t005 INTO ls_out-country WHERE land1 = ls_kna1-land1.
  IF ls_kna1-aufsd IS NOT INITIAL.
    ls_out-blocked = 'X'.
  ENDIF.
  ls_out-matched_by = iv_by.
  APPEND ls_out TO ct_customer.
ENDFORM.
