*----------------------------------------------------------------------*
* Function group ZKONTOR, orders (include LZKONTORF02): from Kontor's
* order to the BAPI's tables, the key row, the block, the booked sums.
*----------------------------------------------------------------------*

FORM key_unlock USING iv_key TYPE zkontor_key_id.
  CALL FUNCTION 'DEQUEUE_EZKONTOR_KEY'
    EXPORTING
      mode_zkontor_key = 'E'
      mandt            = sy-mandt
      kontor_key       = iv_key
      _scope           = '3'.
ENDFORM.

FORM key_row USING iv_key TYPE zkontor_key_id
                   is_header TYPE zkontor_s_header
                   iv_vbeln TYPE vbeln_va
             CHANGING cs_key TYPE zkontor_key.
  CLEAR cs_key.
  cs_key-mandt       = sy-mandt.
  cs_key-kontor_key  = iv_key.
  cs_key-vbeln       = iv_vbeln.
  cs_key-shop_order  = is_header-shop_order.
  cs_key-payment_ref = is_header-payment_ref.
  cs_key-shop_net    = is_header-shop_net.
  cs_key-shop_tax    = is_header-shop_tax.
  cs_key-shop_gross  = is_header-shop_gross.
  cs_key-currency    = is_header-currency.
  cs_key-may_block   = is_header-block_if_differs.
  cs_key-tolerance   = is_header-tolerance.
  cs_key-created_by  = sy-uname.
  PERFORM now_text CHANGING cs_key-created_at.
ENDFORM.

* Checks what the BAPI would only answer vaguely, fills its tables, calls it.
* Nothing is committed here.
FORM order_book USING iv_key TYPE zkontor_key_id
                      is_header TYPE zkontor_s_header
                      it_partner TYPE zkontor_t_partner
                      it_item TYPE zkontor_t_item
                CHANGING cv_vbeln TYPE vbeln_va
                         ct_return TYPE zkontor_t_return.
  DATA: ls_head    TYPE bapisdhd1,
        ls_headx   TYPE bapisdhd1x,
        lt_item    TYPE STANDARD TABLE OF bapisditm,
        lt_itemx   TYPE STANDARD TABLE OF bapisditmx,
        lt_sched   TYPE STANDARD TABLE OF bapischdl,
        lt_schedx  TYPE STANDARD TABLE OF bapischdlx,
        lt_cond    TYPE STANDARD TABLE OF bapicond,
        lt_condx   TYPE STANDARD TABLE OF bapicondx,
        lt_partner TYPE STANDARD TABLE OF bapiparnr,
        lt_address TYPE STANDARD TABLE OF bapiaddr1,
        lt_text    TYPE STANDARD TABLE OF bapisdtext,
        lt_extens  TYPE STANDARD TABLE OF bapiparex,
        lt_return  TYPE STANDARD TABLE OF bapiret2,
        lv_error   TYPE c LENGTH 1.

  PERFORM order_header USING is_header CHANGING ls_head ls_headx ct_return.
  PERFORM order_partners USING it_partner is_header
    CHANGING lt_partner lt_address ct_return.
  PERFORM order_items USING it_item is_header
    CHANGING lt_item lt_itemx lt_sched lt_schedx lt_cond lt_condx ct_return.
  PERFORM order_extension USING iv_key is_header CHANGING lt_extens.
  PERFORM order_text USING is_header CHANGING lt_text.
  PERFORM has_error USING ct_return CHANGING lv_error.
  IF lv_error = 'X'.
    RETURN.
  ENDIF.
  CALL FUNCTION 'BAPI_SALESORDER_CREATEFROMDAT2'
    EXPORTING
      order_header_in      = ls_head
      order_header_inx     = ls_headx
    IMPORTING
      salesdocument        = cv_vbeln
    TABLES
      return               = lt_return
      order_items_in       = lt_item
      order_items_inx      = lt_itemx
      order_partners       = lt_partner
      order_schedules_in   = lt_sched
      order_schedules_inx  = lt_schedx
      order_conditions_in  = lt_cond
      order_conditions_inx = lt_condx
      order_text           = lt_text
      extensionin          = lt_extens
      partneraddresses     = lt_address.
  APPEND LINES OF lt_return TO ct_return.
ENDFORM.

FORM order_header USING is_header TYPE zkontor_s_header
                  CHANGING cs_head TYPE bapisdhd1
                           cs_headx TYPE bapisdhd1x
                           ct_return TYPE zkontor_t_return.
  DATA: lv_waers TYPE waers,
        lv_spras TYPE spras,
        lv_block TYPE zkontor_conf-value,
        lv_text  TYPE string.
  SELECT SINGLE waers FROM tcurc INTO lv_waers WHERE waers = is_header-currency.
  IF sy-subrc <> 0.
    lv_text = |Currency { is_header-currency } is not defined|.
    PERFORM message USING 'E' '004' lv_text 0 'IS_HEADER' 'CURRENCY' CHANGING ct_return.
  ENDIF.
  SELECT SINGLE spras FROM t002 INTO lv_spras WHERE laiso = is_header-langu.
  IF sy-subrc <> 0.
    lv_text = |Language { is_header-langu } is not defined|.
    PERFORM message USING 'E' '022' lv_text 0 'IS_HEADER' 'LANGU' CHANGING ct_return.
  ENDIF.
  cs_head-doc_type   = is_header-doc_type.
  cs_head-sales_org  = is_header-sales_org.
  cs_head-distr_chan = is_header-distr_chan.
  cs_head-division   = is_header-division.
  cs_head-currency   = is_header-currency.
  cs_head-purch_no_c = is_header-customer_po.
  cs_head-pmnttrms   = is_header-payment.
  cs_head-purch_date = is_header-order_date.
  cs_head-req_date_h = is_header-req_date.
  cs_headx-updateflag = 'I'.
  cs_headx-doc_type   = cs_headx-sales_org = cs_headx-distr_chan = cs_headx-division = 'X'.
  cs_headx-currency   = cs_headx-purch_no_c = cs_headx-purch_date = 'X'.
  IF cs_head-req_date_h IS NOT INITIAL.
    cs_headx-req_date_h = 'X'.
  ENDIF.
  IF cs_head-pmnttrms IS NOT INITIAL.
    cs_headx-pmnttrms = 'X'.
  ENDIF.
* Blocked at birth, lifted once the booked sums were seen to agree: a crash
* in between leaves a document that cannot be delivered by mistake.
  IF is_header-block_if_differs = 'X'.
    PERFORM setting_must USING 'DLV_BLOCK' CHANGING lv_block ct_return.
    cs_head-dlv_block  = lv_block.
    cs_headx-dlv_block = 'X'.
  ENDIF.
ENDFORM.

FORM order_partners USING it_partner TYPE zkontor_t_partner
                          is_header TYPE zkontor_s_header
                    CHANGING ct_partner TYPE STANDARD TABLE
                             ct_address TYPE STANDARD TABLE
                             ct_return TYPE zkontor_t_return.
  DATA: ls_in      TYPE zkontor_s_partner,
        ls_partner TYPE bapiparnr,
        ls_address TYPE bapiaddr1,
        ls_kna1    TYPE kna1,
        lv_land    TYPE land1,
        lv_kunnr   TYPE kunnr,
        lv_row     TYPE i,
        lv_link    TYPE n LENGTH 10,
        lv_has_ag  TYPE c LENGTH 1,
        lv_text    TYPE string.
  LOOP AT it_partner INTO ls_in.
    lv_row = sy-tabix.
    IF ls_in-role <> 'AG' AND ls_in-role <> 'WE' AND ls_in-role <> 'RE'.
      lv_text = |Partner role { ls_in-role } is unknown|.
      PERFORM message USING 'E' '008' lv_text lv_row 'IT_PARTNER' 'ROLE' CHANGING ct_return.
      CONTINUE.
    ENDIF.
    IF ls_in-role = 'AG'.
      lv_has_ag = 'X'.
    ENDIF.
    PERFORM alpha_in USING ls_in-kunnr CHANGING lv_kunnr.
    SELECT SINGLE * FROM kna1 INTO ls_kna1 WHERE kunnr = lv_kunnr.
    IF sy-subrc <> 0.
      lv_text = |Customer { ls_in-kunnr } does not exist|.
      PERFORM message USING 'E' '009' lv_text lv_row 'IT_PARTNER' 'KUNNR' CHANGING ct_return.
      CONTINUE.
    ELSEIF ls_kna1-aufsd IS NOT INITIAL OR ls_kna1-loevm IS NOT INITIAL.
      lv_text = |Customer { ls_in-kunnr } is blocked|.
      PERFORM message USING 'E' '010' lv_text lv_row 'IT_PARTNER' 'KUNNR' CHANGING ct_return.
      CONTINUE.
    ENDIF.
    SELECT SINGLE land1 FROM t005 INTO lv_land WHERE intca = ls_in-country.
    IF sy-subrc <> 0.
      lv_text = |Country { ls_in-country } is not defined|.
      PERFORM message USING 'E' '011' lv_text lv_row 'IT_PARTNER' 'COUNTRY' CHANGING ct_return.
      CONTINUE.
    ENDIF.
    CLEAR: ls_partner, ls_address.
    ls_partner-partn_role = ls_in-role.
    ls_partner-partn_numb = lv_kunnr.
    IF ls_in-name1 IS NOT INITIAL.
      " The address table takes 60 characters of street, the partner table only 35.
      lv_link                 = lv_row.
      ls_partner-addr_link    = lv_link.
      ls_address-addr_no      = ls_partner-addr_link.
      ls_address-name         = ls_in-name1.
      ls_address-name_2       = ls_in-name2.
      ls_address-street       = ls_in-street.
      ls_address-house_no     = ls_in-house_no.
      ls_address-postl_cod1   = ls_in-postl_code.
      ls_address-city         = ls_in-city.
      ls_address-region       = ls_in-region.
      ls_address-country      = lv_land.
      ls_address-tel1_numbr   = ls_in-phone.
      ls_address-e_mail       = ls_in-email.
      SELECT SINGLE spras FROM t002 INTO ls_address-langu WHERE laiso = is_header-langu.
      APPEND ls_address TO ct_address.
    ENDIF.
    APPEND ls_partner TO ct_partner.
  ENDLOOP.
  IF lv_has_ag IS INITIAL.
    PERFORM message USING 'E' '008' `Partner role AG is missing` 0 'IT_PARTNER' 'ROLE' CHANGING ct_return.
  ENDIF.
ENDFORM.

* Goods become items. Shipping, fee and discount become an item with the
* material of setting MATNR_<KIND>, or a condition of the whole document
* of the type in setting COND_<KIND>.
FORM order_items USING it_item TYPE zkontor_t_item
                       is_header TYPE zkontor_s_header
                 CHANGING ct_item TYPE STANDARD TABLE
                          ct_itemx TYPE STANDARD TABLE
                          ct_sched TYPE STANDARD TABLE
                          ct_schedx TYPE STANDARD TABLE
                          ct_cond TYPE STANDARD TABLE
                          ct_condx TYPE STANDARD TABLE
                          ct_return TYPE zkontor_t_return.
  DATA: ls_in       TYPE zkontor_s_item,
        lv_row      TYPE i,
        lv_name     TYPE zkontor_conf-name,
        lv_value    TYPE zkontor_conf-value,
        lv_price    TYPE zkontor_conf-value,
        lv_posnr    TYPE posnr_va,
        lv_document TYPE posnr_va,                " stays 000000: the document as a whole
        lv_text     TYPE string.
  PERFORM setting USING 'COND_PRICE' CHANGING lv_price.
  LOOP AT it_item INTO ls_in.
    lv_row = sy-tabix.
    lv_posnr = ls_in-posnr.
    IF lv_posnr IS INITIAL.
      PERFORM message USING 'E' '007' `An item has no number` lv_row 'IT_ITEM' 'POSNR' CHANGING ct_return.
      CONTINUE.
    ENDIF.
    IF ls_in-kind <> 'item'.
      CONCATENATE 'MATNR_' ls_in-kind INTO lv_name.
      TRANSLATE lv_name TO UPPER CASE.
      PERFORM setting USING lv_name CHANGING lv_value.
      IF lv_value IS INITIAL.
        CONCATENATE 'COND_' ls_in-kind INTO lv_name.
        TRANSLATE lv_name TO UPPER CASE.
        PERFORM setting USING lv_name CHANGING lv_value.
        IF lv_value IS INITIAL.
          lv_text = |Kind { ls_in-kind } is not configured: MATNR_ or COND_ is missing in ZKONTOR_CONF|.
          PERFORM message USING 'E' '012' lv_text lv_row 'IT_ITEM' 'KIND' CHANGING ct_return.
          CONTINUE.
        ENDIF.
        PERFORM item_condition USING lv_document lv_value ls_in-net is_header-currency
          CHANGING ct_cond ct_condx.
        CONTINUE.
      ENDIF.
      ls_in-matnr = lv_value.
    ENDIF.
    IF ls_in-qty <= 0.
      PERFORM message USING 'E' '013' `The quantity must be above zero` lv_row 'IT_ITEM' 'QTY' CHANGING ct_return.
      CONTINUE.
    ENDIF.
    PERFORM item_goods USING ls_in lv_row lv_posnr is_header
      CHANGING ct_item ct_itemx ct_sched ct_schedx ct_return.
    IF lv_price IS NOT INITIAL OR ls_in-kind <> 'item'.
      IF lv_price IS INITIAL.
        PERFORM setting_must USING 'COND_SURCHARGE' CHANGING lv_value ct_return.
      ELSE.
        lv_value = lv_price.
      ENDIF.
      PERFORM item_condition USING lv_posnr lv_value ls_in-net is_header-currency
        CHANGING ct_cond ct_condx.
    ENDIF.
  ENDLOOP.
  IF it_item IS INITIAL.
    PERFORM message USING 'E' '006' `The order has no items` 0 'IT_ITEM' space CHANGING ct_return.
  ENDIF.
ENDFORM.

FORM item_goods USING is_in TYPE zkontor_s_item
                      iv_row TYPE i
                      iv_posnr TYPE posnr_va
                      is_header TYPE zkontor_s_header
                CHANGING ct_item TYPE STANDARD TABLE
                         ct_itemx TYPE STANDARD TABLE
                         ct_sched TYPE STANDARD TABLE
                         ct_schedx TYPE STANDARD TABLE
                         ct_return TYPE zkontor_t_return.
  DATA: ls_item   TYPE bapisditm,
        ls_itemx  TYPE bapisditmx,
        ls_sched  TYPE bapischdl,
        ls_schedx TYPE bapischdlx,
        lv_matnr  TYPE matnr,
        lv_unit   TYPE meins,
        lv_ok     TYPE c LENGTH 1,
        lv_text   TYPE string.
  FIELD-SYMBOLS: <lv_long>   TYPE any,
                 <ls_return> TYPE bapiret2.

  PERFORM matnr_in USING is_in-matnr CHANGING lv_matnr lv_ok.
  IF lv_ok = 'X'.
    SELECT SINGLE matnr FROM mara INTO lv_matnr WHERE matnr = lv_matnr AND lvorm = space.
    IF sy-subrc <> 0.
      CLEAR lv_ok.
    ENDIF.
  ENDIF.
  IF lv_ok IS INITIAL.
    lv_text = |Material { is_in-matnr } does not exist|.
    PERFORM message USING 'E' '305' lv_text iv_row 'IT_ITEM' 'MATNR' CHANGING ct_return.
    READ TABLE ct_return ASSIGNING <ls_return> INDEX lines( ct_return ).
    <ls_return>-id = 'M3'.                        " SAP's own message for it: M3 305
    RETURN.
  ENDIF.
  PERFORM unit_of_material USING lv_matnr is_in-unit CHANGING lv_unit.
  IF lv_unit IS INITIAL.
    lv_text = |Unit { is_in-unit } is not defined for material { is_in-matnr }|.
    PERFORM message USING 'E' '005' lv_text iv_row 'IT_ITEM' 'UNIT' CHANGING ct_return.
    RETURN.
  ENDIF.
  ls_item-itm_number = iv_posnr.
  ASSIGN COMPONENT 'MATERIAL_LONG' OF STRUCTURE ls_item TO <lv_long>.   " S/4HANA only
  IF sy-subrc = 0.
    <lv_long> = lv_matnr.
  ELSE.
    ls_item-material = lv_matnr.
  ENDIF.
  ls_item-target_qty  = is_in-qty.
  ls_item-target_qu   = lv_unit.
  ls_item-short_text  = is_in-text.
  ls_itemx-itm_number = iv_posnr.
  ls_itemx-updateflag = 'I'.
  ls_itemx-target_qty = ls_itemx-target_qu = 'X'.
  ASSIGN COMPONENT 'MATERIAL_LONG' OF STRUCTURE ls_itemx TO <lv_long>.
  IF sy-subrc = 0.
    <lv_long> = 'X'.
  ELSE.
    ls_itemx-material = 'X'.
  ENDIF.
  IF is_in-text IS NOT INITIAL.
    ls_itemx-short_text = 'X'.
  ENDIF.
  APPEND ls_item TO ct_item.
  APPEND ls_itemx TO ct_itemx.
  ls_sched-itm_number  = iv_posnr.
  ls_sched-sched_line  = '0001'.
  ls_sched-req_qty     = is_in-qty.
  ls_sched-req_date    = is_header-req_date.
  ls_schedx-itm_number = iv_posnr.
  ls_schedx-sched_line = '0001'.
  ls_schedx-updateflag = 'I'.
  ls_schedx-req_qty    = 'X'.
  IF ls_sched-req_date IS NOT INITIAL.
    ls_schedx-req_date = 'X'.
  ENDIF.
  APPEND ls_sched TO ct_sched.
  APPEND ls_schedx TO ct_schedx.
ENDFORM.

* Several SAP units may share one ISO code: take the one the material has.
FORM unit_of_material USING iv_matnr TYPE matnr iv_iso TYPE clike
                      CHANGING cv_unit TYPE meins.
  CLEAR cv_unit.
  SELECT a~meinh FROM marm AS a INNER JOIN t006 AS b ON b~msehi = a~meinh
    INTO cv_unit UP TO 1 ROWS
    WHERE a~matnr = iv_matnr AND b~isocode = iv_iso.
  ENDSELECT.
  IF sy-subrc <> 0.
    SELECT SINGLE meinh FROM marm INTO cv_unit WHERE matnr = iv_matnr AND meinh = iv_iso.
  ENDIF.
ENDFORM.

* The condition types named in ZKONTOR_CONF must have calculation type B
* (fixed amount), so that a line's sum arrives as the shop computed it.
FORM item_condition USING iv_posnr TYPE posnr_va
                          iv_type TYPE zkontor_conf-value
                          iv_amount TYPE zkontor_amount
                          iv_currency TYPE waers
                    CHANGING ct_cond TYPE STANDARD TABLE
                             ct_condx TYPE STANDARD TABLE.
  DATA: ls_cond  TYPE bapicond,
        ls_condx TYPE bapicondx.
  ls_cond-itm_number  = iv_posnr.
  ls_cond-cond_type   = iv_type.
  ls_cond-cond_value  = iv_amount.
  ls_cond-currency    = iv_currency.
  ls_condx-itm_number = iv_posnr.
  ls_condx-cond_type  = iv_type.
  ls_condx-updateflag = 'I'.
  ls_condx-cond_value = ls_condx-currency = 'X'.
  APPEND ls_cond TO ct_cond.
  APPEND ls_condx TO ct_condx.
ENDFORM.

* The Z fields of append ZAKONTOR_VBAK (README, step 3): key, shop order and
* payment reference stand on the document itself, visible in VA03.
FORM order_extension USING iv_key TYPE zkontor_key_id
                           is_header TYPE zkontor_s_header
                     CHANGING ct_extension TYPE STANDARD TABLE.
  DATA: ls_bape   TYPE bape_vbak,
        ls_bapex  TYPE bape_vbakx,
        ls_extens TYPE bapiparex.
  ls_bape-zzkontor_key    = iv_key.
  ls_bape-zzkontor_order  = is_header-shop_order.
  ls_bape-zzkontor_payref = is_header-payment_ref.
  ls_extens-structure     = 'BAPE_VBAK'.
  cl_abap_container_utilities=>fill_container_c( EXPORTING im_value = ls_bape
                                                 IMPORTING ex_container = ls_extens-valuepart1 ).
  APPEND ls_extens TO ct_extension.
  ls_bapex-zzkontor_key = ls_bapex-zzkontor_order = ls_bapex-zzkontor_payref = 'X'.
  CLEAR ls_extens.
  ls_extens-structure     = 'BAPE_VBAKX'.
  cl_abap_container_utilities=>fill_container_c( EXPORTING im_value = ls_bapex
                                                 IMPORTING ex_container = ls_extens-valuepart1 ).
  APPEND ls_extens TO ct_extension.
ENDFORM.

FORM order_text USING is_header TYPE zkontor_s_header
                CHANGING ct_text TYPE STANDARD TABLE.
  DATA: lv_id   TYPE zkontor_conf-value,
        ls_text TYPE bapisdtext.
  PERFORM setting USING 'TEXT_ID_PAYMENT' CHANGING lv_id.
  IF lv_id IS INITIAL OR is_header-payment_ref IS INITIAL.
    RETURN.
  ENDIF.
  ls_text-text_id    = lv_id.
  ls_text-langu      = sy-langu.
  ls_text-format_col = '*'.
  ls_text-text_line  = is_header-payment_ref.
  APPEND ls_text TO ct_text.
ENDFORM.

* What was booked, read from the tables after the commit.
FORM document_read USING is_key TYPE zkontor_key
                   CHANGING cv_order TYPE vbeln_va
                            cv_blocked TYPE c
                            cs_total TYPE zkontor_s_total
                            ct_line TYPE zkontor_t_line
                            ct_return TYPE zkontor_t_return.
  DATA: ls_vbak  TYPE vbak,
        lt_vbap  TYPE STANDARD TABLE OF vbap,
        ls_vbap  TYPE vbap,
        ls_line  TYPE zkontor_s_line,
        lv_block TYPE zkontor_conf-value,
        lv_text  TYPE string.
  CLEAR: cv_order, cv_blocked, cs_total, ct_line.
  SELECT SINGLE * FROM vbak INTO ls_vbak WHERE vbeln = is_key-vbeln.
  IF sy-subrc <> 0.
    RETURN.
  ENDIF.
  SELECT * FROM vbap INTO TABLE lt_vbap WHERE vbeln = is_key-vbeln ORDER BY PRIMARY KEY.
  LOOP AT lt_vbap INTO ls_vbap WHERE abgru IS INITIAL.
    CLEAR ls_line.
    ls_line-posnr = ls_vbap-posnr.
    PERFORM amount_out USING ls_vbap-netwr ls_vbak-waerk CHANGING ls_line-net.
    PERFORM amount_out USING ls_vbap-mwsbp ls_vbak-waerk CHANGING ls_line-tax.
    ls_line-gross = ls_line-net + ls_line-tax.
    APPEND ls_line TO ct_line.
    cs_total-net   = cs_total-net + ls_line-net.
    cs_total-tax   = cs_total-tax + ls_line-tax.
    cs_total-gross = cs_total-gross + ls_line-gross.
  ENDLOOP.
  cs_total-currency = ls_vbak-waerk.
  PERFORM setting USING 'DLV_BLOCK' CHANGING lv_block.
  IF is_key-may_block = 'X' AND ls_vbak-lifsk IS NOT INITIAL AND ls_vbak-lifsk = lv_block.
    cv_blocked = 'X'.
  ENDIF.
  PERFORM alpha_out USING ls_vbak-vbeln CHANGING cv_order.
  lv_text = |Order { cv_order } has been saved|.
  PERFORM message USING 'S' '024' lv_text 0 space space CHANGING ct_return.
ENDFORM.

* Lifts the block of a document whose sums agree with the shop's. Called
* under the key's lock. A second call finds nothing to do.
FORM document_settle USING is_key TYPE zkontor_key
                     CHANGING ct_return TYPE zkontor_t_return.
  DATA: lv_order   TYPE vbeln_va,
        lv_blocked TYPE c LENGTH 1,
        ls_total   TYPE zkontor_s_total,
        lt_line    TYPE zkontor_t_line,
        lt_ignored TYPE zkontor_t_return,
        ls_headx   TYPE bapisdh1x,
        ls_head    TYPE bapisdh1,
        lt_return  TYPE STANDARD TABLE OF bapiret2,
        ls_return  TYPE bapiret2,
        lv_text    TYPE string.
  PERFORM document_read USING is_key
    CHANGING lv_order lv_blocked ls_total lt_line lt_ignored.
  IF lv_blocked IS INITIAL.
    RETURN.
  ENDIF.
  IF ls_total-currency <> is_key-currency
     OR abs( ls_total-net   - is_key-shop_net )   > is_key-tolerance
     OR abs( ls_total-tax   - is_key-shop_tax )   > is_key-tolerance
     OR abs( ls_total-gross - is_key-shop_gross ) > is_key-tolerance.
    lv_text = |Order { lv_order } stays blocked: shop { is_key-shop_gross }, | &&
              |SAP { ls_total-gross } { ls_total-currency }|.
    PERFORM message USING 'W' '025' lv_text 0 space space CHANGING ct_return.
    RETURN.
  ENDIF.
  ls_headx-updateflag = 'U'.
  ls_headx-dlv_block  = 'X'.
  CALL FUNCTION 'BAPI_SALESORDER_CHANGE'
    EXPORTING
      salesdocument    = is_key-vbeln
      order_header_in  = ls_head
      order_header_inx = ls_headx
    TABLES
      return           = lt_return.
  LOOP AT lt_return INTO ls_return WHERE type = 'E' OR type = 'A'.
    CALL FUNCTION 'BAPI_TRANSACTION_ROLLBACK'.
    lv_text = |Order { lv_order } stays blocked although the sums agree: { ls_return-message }|.
    PERFORM message USING 'W' '026' lv_text 0 space space CHANGING ct_return.
    RETURN.
  ENDLOOP.
  CALL FUNCTION 'BAPI_TRANSACTION_COMMIT'
    EXPORTING
      wait   = 'X'
    IMPORTING
      return = ls_return.
  IF ls_return-type = 'E' OR ls_return-type = 'A'.
    lv_text = |Order { lv_order } stays blocked although the sums agree: { ls_return-message }|.
    PERFORM message USING 'W' '026' lv_text 0 space space CHANGING ct_return.
  ENDIF.
ENDFORM.
