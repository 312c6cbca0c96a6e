*----------------------------------------------------------------------*
* Function group ZKONTOR, articles (include LZKONTORF03): which materials
* changed, and what Kontor is told about one.
*----------------------------------------------------------------------*

FORM area_read CHANGING cs_area TYPE ty_area
                        ct_return TYPE zkontor_t_return.
  DATA lv_value TYPE zkontor_conf-value.
  CLEAR cs_area.
  PERFORM setting_must USING 'SALES_ORG' CHANGING lv_value ct_return.
  cs_area-vkorg = lv_value.
  PERFORM setting_must USING 'DISTR_CHAN' CHANGING lv_value ct_return.
  cs_area-vtweg = lv_value.
  PERFORM setting_must USING 'TAX_COUNTRY' CHANGING lv_value ct_return.
  cs_area-aland = lv_value.
  PERFORM setting_must USING 'PLANT' CHANGING lv_value ct_return.
  cs_area-werks = lv_value.
ENDFORM.

* The keys of one page, ascending, behind the token's key.
FORM article_keys USING is_token TYPE ty_token
                        is_area TYPE ty_area
                        iv_max TYPE i
                  CHANGING ct_matnr TYPE ty_matnr_tab
                           cv_more TYPE c.
  DATA: lt_all   TYPE STANDARD TABLE OF matnr,
        lv_matnr TYPE matnr,
        lv_key   TYPE matnr,
        lv_rows  TYPE i,
        lt_set   TYPE ty_matnr_tab.
  CLEAR: ct_matnr, cv_more.
  lv_key  = is_token-key.
  lv_rows = iv_max + 1.
  IF is_token-snapshot = 'X'.
    SELECT a~matnr FROM mvke AS a INNER JOIN mara AS b ON b~matnr = a~matnr
      INTO TABLE lt_all UP TO lv_rows ROWS
      WHERE a~matnr > lv_key AND a~vkorg = is_area-vkorg AND a~vtweg = is_area-vtweg
        AND a~lvorm = space AND b~lvorm = space
      ORDER BY a~matnr.
  ELSE.
    PERFORM article_changes USING is_token is_area CHANGING lt_set.
    LOOP AT lt_set INTO lv_matnr WHERE table_line > lv_key.
      APPEND lv_matnr TO lt_all.
    ENDLOOP.
  ENDIF.
  LOOP AT lt_all INTO lv_matnr.
    IF sy-tabix > iv_max.
      cv_more = 'X'.
      EXIT.
    ENDIF.
    INSERT lv_matnr INTO TABLE ct_matnr.
  ENDLOOP.
ENDFORM.

* Change documents of the material and its classification, its long texts,
* and a sales status whose first day has come: that one leaves no document.
FORM article_changes USING is_token TYPE ty_token
                           is_area TYPE ty_area
                     CHANGING ct_matnr TYPE ty_matnr_tab.
  DATA: ls_since    TYPE ty_local,
        lt_objectid TYPE ty_objectid_tab,
        lv_objectid TYPE cdhdr-objectid,
        lv_matnr    TYPE matnr,
        lt_matnr    TYPE STANDARD TABLE OF matnr,
        lt_name     TYPE STANDARD TABLE OF stxh-tdname,
        lv_name     TYPE stxh-tdname.
  PERFORM local_time USING is_token-since CHANGING ls_since.
  PERFORM changed_objects USING 'MATERIAL' ls_since CHANGING lt_objectid.
  PERFORM changed_objects USING 'CLASSIFY' ls_since CHANGING lt_objectid.
  SELECT matnr FROM mara INTO TABLE lt_matnr
    WHERE ersda >= ls_since-datum OR ( mstdv >= ls_since-datum AND mstdv <= sy-datum ).
  SELECT matnr FROM mvke APPENDING TABLE lt_matnr
    WHERE vkorg = is_area-vkorg AND vtweg = is_area-vtweg
      AND vmstd >= ls_since-datum AND vmstd <= sy-datum.
  SELECT tdname FROM stxh INTO TABLE lt_name
    WHERE ( tdobject = 'MATERIAL' OR tdobject = 'MVKE' )
      AND ( tdldate > ls_since-datum OR ( tdldate = ls_since-datum AND tdltime >= ls_since-uzeit ) ).
  LOOP AT lt_objectid INTO lv_objectid.
    lv_matnr = lv_objectid.                       " CLASSIFY: the object's key stands in front
    APPEND lv_matnr TO lt_matnr.
  ENDLOOP.
  LOOP AT lt_name INTO lv_name.
    lv_matnr = lv_name.
    APPEND lv_matnr TO lt_matnr.
  ENDLOOP.
  LOOP AT lt_matnr INTO lv_matnr.
    SELECT SINGLE matnr FROM mara INTO lv_matnr WHERE matnr = lv_matnr.
    IF sy-subrc = 0.                              " classes hang on customers and batches, too
      INSERT lv_matnr INTO TABLE ct_matnr.        " known already: nothing to do
    ENDIF.
  ENDLOOP.
ENDFORM.

FORM article_read USING iv_matnr TYPE matnr
                        is_area TYPE ty_area
                  CHANGING cv_living TYPE c
                           ct_article TYPE zkontor_t_article
                           ct_text TYPE zkontor_t_text
                           ct_gtin TYPE zkontor_t_gtin
                           ct_char TYPE zkontor_t_characteristic.
  DATA: ls_mara  TYPE mara,
        ls_mvke  TYPE mvke,
        ls_marc  TYPE marc,
        ls_out   TYPE zkontor_s_article,
        lv_block TYPE tvms-spvbc.
  CLEAR cv_living.
  SELECT SINGLE * FROM mara INTO ls_mara WHERE matnr = iv_matnr AND lvorm = space.
  IF sy-subrc <> 0.
    RETURN.
  ENDIF.
  SELECT SINGLE * FROM mvke INTO ls_mvke
    WHERE matnr = iv_matnr AND vkorg = is_area-vkorg AND vtweg = is_area-vtweg AND lvorm = space.
  IF sy-subrc <> 0.
    RETURN.
  ENDIF.
  cv_living = 'X'.
  SELECT SINGLE * FROM marc INTO ls_marc WHERE matnr = iv_matnr AND werks = is_area-werks.
  PERFORM matnr_out USING iv_matnr CHANGING ls_out-matnr.
  PERFORM article_kind USING ls_mara CHANGING ls_out-generic ls_out-parent.
* The sales area's status wins over the one of all areas; each from its day on.
  IF ls_mvke-vmsta IS NOT INITIAL AND ls_mvke-vmstd <= sy-datum.
    ls_out-sales_status = ls_mvke-vmsta.
  ELSEIF ls_mara-mstav IS NOT INITIAL AND ls_mara-mstdv <= sy-datum.
    ls_out-sales_status = ls_mara-mstav.
  ENDIF.
  IF ls_out-sales_status IS NOT INITIAL.
    SELECT SINGLE spvbc FROM tvms INTO lv_block WHERE vmsta = ls_out-sales_status.
    IF lv_block = 'B'.                            " B: error on sales orders; A only warns
      ls_out-sales_blocked = 'X'.
    ENDIF.
  ENDIF.
  PERFORM unit_out USING ls_mara-meins CHANGING ls_out-meins.
  PERFORM unit_out USING ls_mara-gewei CHANGING ls_out-weight_unit.
  ls_out-matkl          = ls_mara-matkl.
  ls_out-mfrpn          = ls_mara-mfrpn.
  ls_out-net_weight     = ls_mara-ntgew.
  ls_out-gross_weight   = ls_mara-brgew.
  ls_out-serial_profile = ls_marc-sernp.
  ls_out-origin         = ls_marc-herkl.
  ls_out-tariff_no      = ls_marc-stawn.
  SELECT SINGLE taxm1 FROM mlan INTO ls_out-tax_class
    WHERE matnr = iv_matnr AND aland = is_area-aland.
  PERFORM now_text CHANGING ls_out-changed_at.
  PERFORM article_texts USING iv_matnr ls_out-matnr is_area CHANGING ct_text.
  PERFORM article_gtins USING iv_matnr ls_out-matnr CHANGING ct_gtin.
  PERFORM article_characteristics USING iv_matnr ls_out-matnr
    CHANGING ls_out-brand ct_char.
  PERFORM article_more USING ls_mara ls_mvke ls_marc is_area ct_char CHANGING ls_out.
  APPEND ls_out TO ct_article.
ENDFORM.

FORM article_texts USING iv_matnr TYPE matnr
                         iv_external TYPE clike
                         is_area TYPE ty_area
                   CHANGING ct_text TYPE zkontor_t_text.
  DATA: lt_makt  TYPE STANDARD TABLE OF makt,
        ls_makt  TYPE makt,
        ls_out   TYPE zkontor_s_text,
        lv_name  TYPE thead-tdname,
        lv_id    TYPE zkontor_conf-value,
        lv_long  TYPE string,
        lv_rest  TYPE string.
  PERFORM setting USING 'TEXT_ID_NAME' CHANGING lv_id.
  SELECT * FROM makt INTO TABLE lt_makt WHERE matnr = iv_matnr.
  LOOP AT lt_makt INTO ls_makt.
    CLEAR ls_out.
    ls_out-matnr = iv_external.
    PERFORM langu_out USING ls_makt-spras CHANGING ls_out-langu.
    ls_out-name = ls_makt-maktx.
    lv_name = iv_matnr.
    IF lv_id IS NOT INITIAL.                      " 40 characters are few for a name: the text's first line
      PERFORM long_text USING 'MATERIAL' lv_name lv_id ls_makt-spras CHANGING lv_long.
      SPLIT lv_long AT cl_abap_char_utilities=>newline INTO lv_long lv_rest.
      IF lv_long IS NOT INITIAL.
        ls_out-name = lv_long.
      ENDIF.
    ENDIF.
    PERFORM long_text USING 'MATERIAL' lv_name 'GRUN' ls_makt-spras CHANGING ls_out-short_text.
    CONCATENATE iv_matnr is_area-vkorg is_area-vtweg INTO lv_name RESPECTING BLANKS.
    PERFORM long_text USING 'MVKE' lv_name '0001' ls_makt-spras CHANGING ls_out-long_text.
    APPEND ls_out TO ct_text.
  ENDLOOP.
ENDFORM.

FORM article_gtins USING iv_matnr TYPE matnr
                         iv_external TYPE clike
                   CHANGING ct_gtin TYPE zkontor_t_gtin.
  DATA: lt_mean TYPE STANDARD TABLE OF mean,
        ls_mean TYPE mean,
        ls_out  TYPE zkontor_s_gtin.
  SELECT * FROM mean INTO TABLE lt_mean WHERE matnr = iv_matnr AND ean11 <> space.
  LOOP AT lt_mean INTO ls_mean.
    CLEAR ls_out.
    ls_out-matnr = iv_external.
    PERFORM unit_out USING ls_mean-meinh CHANGING ls_out-unit.
    ls_out-gtin = ls_mean-ean11.
    CONDENSE ls_out-gtin NO-GAPS.
    ls_out-main = ls_mean-hpean.
    APPEND ls_out TO ct_gtin.
  ENDLOOP.
ENDFORM.

* All classes of the class type in setting CLASS_TYPE (001 where not set), once
* per language in setting LANGU. Numbers come with a point and without exponent.
FORM article_characteristics USING iv_matnr TYPE matnr
                                   iv_external TYPE clike
                             CHANGING cv_brand TYPE clike
                                      ct_char TYPE zkontor_t_characteristic.
  DATA: lv_object TYPE bapi1003_key-object,
        lv_klart  TYPE bapi1003_key-classtype,
        lv_value  TYPE zkontor_conf-value,
        lv_brand  TYPE zkontor_conf-value,
        lt_class  TYPE STANDARD TABLE OF bapi1003_alloc_list,
        ls_class  TYPE bapi1003_alloc_list,
        lt_langu  TYPE STANDARD TABLE OF zkontor_conf,
        ls_langu  TYPE zkontor_conf,
        lv_spras  TYPE spras,
        lt_return TYPE STANDARD TABLE OF bapiret2.
  lv_object = iv_matnr.
  PERFORM setting USING 'CLASS_TYPE' CHANGING lv_value.
  IF lv_value IS INITIAL.
    lv_value = '001'.
  ENDIF.
  lv_klart = lv_value.
  PERFORM setting USING 'BRAND_CHARACTERISTIC' CHANGING lv_brand.
  CALL FUNCTION 'BAPI_OBJCL_GETCLASSES'
    EXPORTING
      objectkey_imp   = lv_object
      objecttable_imp = 'MARA'
      classtype_imp   = lv_klart
    TABLES
      alloclist       = lt_class
      return          = lt_return.
  SELECT * FROM zkontor_conf INTO TABLE lt_langu WHERE name = 'LANGU' ORDER BY PRIMARY KEY.
  LOOP AT lt_class INTO ls_class.
    LOOP AT lt_langu INTO ls_langu.
      SELECT SINGLE spras FROM t002 INTO lv_spras WHERE laiso = ls_langu-value(2).
      IF sy-subrc = 0.
        PERFORM class_values USING lv_object lv_klart ls_class-classnum lv_spras
                                   ls_langu-value iv_external lv_brand
                             CHANGING cv_brand ct_char.
      ENDIF.
    ENDLOOP.
  ENDLOOP.
ENDFORM.

FORM class_values USING iv_object TYPE bapi1003_key-object
                        iv_klart TYPE bapi1003_key-classtype
                        iv_class TYPE bapi1003_key-classnum
                        iv_spras TYPE spras
                        iv_langu TYPE clike
                        iv_external TYPE clike
                        iv_brand TYPE clike
                  CHANGING cv_brand TYPE clike
                           ct_char TYPE zkontor_t_characteristic.
  DATA: lt_num    TYPE STANDARD TABLE OF bapi1003_alloc_values_num,
        lt_text   TYPE STANDARD TABLE OF bapi1003_alloc_values_char,
        lt_curr   TYPE STANDARD TABLE OF bapi1003_alloc_values_curr,
        ls_num    TYPE bapi1003_alloc_values_num,
        ls_text   TYPE bapi1003_alloc_values_char,
        lt_return TYPE STANDARD TABLE OF bapiret2,
        lv_exact  TYPE p LENGTH 14 DECIMALS 6,
        lv_value  TYPE c LENGTH 30,
        ls_out    TYPE zkontor_s_characteristic.
  CALL FUNCTION 'BAPI_OBJCL_GETDETAIL'
    EXPORTING
      objectkey       = iv_object
      objecttable     = 'MARA'
      classnum        = iv_class
      classtype       = iv_klart
      language        = iv_spras
    TABLES
      allocvaluesnum  = lt_num
      allocvalueschar = lt_text
      allocvaluescurr = lt_curr
      return          = lt_return.
  ls_out-matnr = iv_external.
  ls_out-langu = iv_langu.
  LOOP AT lt_text INTO ls_text.
    ls_out-code  = ls_text-charact.
    ls_out-value = ls_text-value_char.
    CLEAR ls_out-unit.
    APPEND ls_out TO ct_char.
    IF ls_text-charact = iv_brand AND cv_brand IS INITIAL.
      cv_brand = ls_text-value_char.
    ENDIF.
  ENDLOOP.
  CLEAR ls_out-langu.                             " a number reads the same in every language
  LOOP AT lt_num INTO ls_num.
    ls_out-code = ls_num-charact.
    lv_exact = ls_num-value_from.
    lv_value = |{ lv_exact }|.                    " a template puts the sign in front
    SHIFT lv_value RIGHT DELETING TRAILING ' 0'.
    SHIFT lv_value RIGHT DELETING TRAILING '.'.
    CONDENSE lv_value NO-GAPS.
    ls_out-value = lv_value.
    ls_out-unit  = ls_num-unit_from_iso.
    READ TABLE ct_char TRANSPORTING NO FIELDS
      WITH KEY matnr = ls_out-matnr code = ls_out-code value = ls_out-value langu = space.
    IF sy-subrc <> 0.
      APPEND ls_out TO ct_char.
    ENDIF.
  ENDLOOP.
ENDFORM.
