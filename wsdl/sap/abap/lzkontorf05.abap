*----------------------------------------------------------------------*
* Function group ZKONTOR, more about articles (include LZKONTORF05):
* generic or variant, days of sale, units, axes, media, categories, counts.
*----------------------------------------------------------------------*

* A generic article holds what its variants share and is not sold itself:
* category 01 in retail, else whatever other materials refer to by SATNR.
FORM article_kind USING is_mara TYPE mara
                  CHANGING cv_generic TYPE clike
                           cv_parent TYPE clike.
  DATA lv_matnr TYPE matnr.
  CLEAR: cv_generic, cv_parent.
  IF is_mara-satnr IS NOT INITIAL AND is_mara-satnr <> is_mara-matnr.
    PERFORM matnr_out USING is_mara-satnr CHANGING cv_parent.
    RETURN.
  ENDIF.
  IF is_mara-attyp = '01'.
    cv_generic = 'X'.
    RETURN.
  ENDIF.
  SELECT matnr FROM mara INTO lv_matnr UP TO 1 ROWS
    WHERE satnr = is_mara-matnr AND matnr <> is_mara-matnr.
  ENDSELECT.
  IF sy-subrc = 0.
    cv_generic = 'X'.
  ENDIF.
ENDFORM.

* The value of the characteristic that a setting names, in the first language.
FORM characteristic_value USING iv_setting TYPE clike
                                iv_external TYPE clike
                                it_char TYPE zkontor_t_characteristic
                          CHANGING cv_value TYPE clike.
  DATA: lv_name TYPE zkontor_conf-value,
        ls_char TYPE zkontor_s_characteristic.
  PERFORM setting USING iv_setting CHANGING lv_name.
  IF lv_name IS INITIAL.
    RETURN.
  ENDIF.
  LOOP AT it_char INTO ls_char WHERE matnr = iv_external AND code = lv_name.
    cv_value = ls_char-value.
    RETURN.
  ENDLOOP.
ENDFORM.

FORM article_more USING is_mara TYPE mara
                        is_mvke TYPE mvke
                        is_marc TYPE marc
                        is_area TYPE ty_area
                        it_char TYPE zkontor_t_characteristic
                  CHANGING cs_out TYPE zkontor_s_article.
  DATA: lv_lifnr TYPE eina-lifnr,
        lv_name  TYPE zkontor_conf-name,
        lv_value TYPE zkontor_conf-value.
  PERFORM characteristic_value USING 'MODEL_CHARACTERISTIC' cs_out-matnr it_char CHANGING cs_out-model.
  PERFORM characteristic_value USING 'WEEE_CHARACTERISTIC' cs_out-matnr it_char
    CHANGING cs_out-weee_category.
  PERFORM characteristic_value USING 'DANGER_CHARACTERISTIC' cs_out-matnr it_char
    CHANGING cs_out-dangerous_goods.
* Retail keeps the days of sale with the sales area's control data.
  SELECT SINGLE vkdab vkbis FROM wlk2 INTO (cs_out-valid_from, cs_out-valid_to)
    WHERE matnr = is_mara-matnr AND vkorg = is_area-vkorg AND vtweg = is_area-vtweg AND werks = space.
  IF is_marc-nfmat IS NOT INITIAL.
    PERFORM matnr_out USING is_marc-nfmat CHANGING cs_out-successor.
  ENDIF.
  SELECT lifnr FROM eina INTO lv_lifnr UP TO 1 ROWS
    WHERE matnr = is_mara-matnr AND relif = 'X' AND loekz = space.
  ENDSELECT.
  IF sy-subrc = 0.
    SELECT SINGLE name1 FROM lfa1 INTO cs_out-supplier WHERE lifnr = lv_lifnr.
  ENDIF.
  cs_out-length = is_mara-laeng.
  cs_out-width  = is_mara-breit.
  cs_out-height = is_mara-hoehe.
  PERFORM unit_out USING is_mara-meabm CHANGING cs_out-dim_unit.
  PERFORM unit_out USING is_mvke-vrkme CHANGING cs_out-sales_unit.
  PERFORM quantity_step USING is_mara is_mvke CHANGING cs_out-qty_step.
  IF cs_out-sales_status IS NOT INITIAL.
    CONCATENATE 'LIFECYCLE_' cs_out-sales_status INTO lv_name.
    PERFORM setting USING lv_name CHANGING lv_value.
    cs_out-lifecycle = lv_value.
  ENDIF.
ENDFORM.

* The delivery unit of the sales area (SCMNG of SCHME), in sales units.
FORM quantity_step USING is_mara TYPE mara
                         is_mvke TYPE mvke
                   CHANGING cv_step TYPE zkontor_qty.
  DATA: lv_from TYPE meins,
        lv_to   TYPE meins,
        lv_step TYPE ekpo-menge.
  CLEAR cv_step.
  IF is_mvke-scmng IS INITIAL.
    RETURN.
  ENDIF.
  lv_from = is_mvke-schme.
  lv_to   = is_mvke-vrkme.
  IF lv_from IS INITIAL.
    lv_from = is_mara-meins.
  ENDIF.
  IF lv_to IS INITIAL.
    lv_to = is_mara-meins.
  ENDIF.
  CALL FUNCTION 'MD_CONVERT_MATERIAL_UNIT'
    EXPORTING
      i_matnr              = is_mara-matnr
      i_in_me              = lv_from
      i_out_me             = lv_to
      i_menge              = is_mvke-scmng
    IMPORTING
      e_menge              = lv_step
    EXCEPTIONS
      error_in_application = 1
      error                = 2
      OTHERS               = 3.
  IF sy-subrc = 0.
    cv_step = lv_step.                            " without a factor: not limited
  ENDIF.
ENDFORM.

FORM article_tables USING iv_matnr TYPE matnr
                          is_area TYPE ty_area
                    CHANGING ct_axis TYPE zkontor_t_axis
                             ct_media TYPE zkontor_t_media
                             ct_category TYPE zkontor_t_article_category
                             ct_unit TYPE zkontor_t_unit.
  DATA: ls_mara     TYPE mara,
        lv_external TYPE zkontor_s_article-matnr,
        lv_generic  TYPE c LENGTH 1,
        lv_parent   TYPE zkontor_s_article-parent.
  SELECT SINGLE * FROM mara INTO ls_mara WHERE matnr = iv_matnr.
  IF sy-subrc <> 0.
    RETURN.                                       " deleted a moment ago: the next run tells
  ENDIF.
  PERFORM matnr_out USING iv_matnr CHANGING lv_external.
  PERFORM article_kind USING ls_mara CHANGING lv_generic lv_parent.
  IF lv_generic = 'X'.
    PERFORM article_axes USING ls_mara lv_external CHANGING ct_axis.
  ENDIF.
  PERFORM article_media USING iv_matnr lv_external CHANGING ct_media.
  PERFORM article_categories USING ls_mara is_area lv_external CHANGING ct_category.
  PERFORM article_units USING iv_matnr lv_external CHANGING ct_unit.
ENDFORM.

* The characteristics that make variants: colour and sizes as retail keeps
* them on the material, then those of setting AXIS, one row each.
FORM article_axes USING is_mara TYPE mara
                        iv_external TYPE clike
                  CHANGING ct_axis TYPE zkontor_t_axis.
  DATA: lt_name TYPE STANDARD TABLE OF string,
        lv_name TYPE string,
        lv_code TYPE cabn-atnam,
        lt_conf TYPE STANDARD TABLE OF zkontor_conf,
        ls_conf TYPE zkontor_conf,
        ls_out  TYPE zkontor_s_axis.
  FIELD-SYMBOLS <lv_atinn> TYPE any.
  APPEND 'COLOR_ATINN' TO lt_name.
  APPEND 'SIZE1_ATINN' TO lt_name.
  APPEND 'SIZE2_ATINN' TO lt_name.
  ls_out-matnr = iv_external.
  LOOP AT lt_name INTO lv_name.                   " by name: older releases lack the fields
    ASSIGN COMPONENT lv_name OF STRUCTURE is_mara TO <lv_atinn>.
    IF sy-subrc = 0 AND <lv_atinn> IS NOT INITIAL.
      SELECT atnam FROM cabn INTO lv_code UP TO 1 ROWS WHERE atinn = <lv_atinn>. ENDSELECT.
      IF sy-subrc = 0.
        ls_out-position = ls_out-position + 1.
        ls_out-code = lv_code.
        APPEND ls_out TO ct_axis.
      ENDIF.
    ENDIF.
  ENDLOOP.
  IF ls_out-position > 0.
    RETURN.
  ENDIF.
  SELECT * FROM zkontor_conf INTO TABLE lt_conf WHERE name = 'AXIS' ORDER BY PRIMARY KEY.
  LOOP AT lt_conf INTO ls_conf.
    ls_out-position = ls_out-position + 1.
    ls_out-code = ls_conf-value.
    APPEND ls_out TO ct_axis.
  ENDLOOP.
ENDFORM.

* Document info records of the types in setting MEDIA (one row each), newest
* version. The address is made of setting MEDIA_URL and the record's key; the
* web server behind it is the site's. MEDIA_<type> is the role, image if unset.
FORM article_media USING iv_matnr TYPE matnr
                         iv_external TYPE clike
                   CHANGING ct_media TYPE zkontor_t_media.
  DATA: lv_url   TYPE zkontor_conf-value,
        lv_role  TYPE zkontor_conf-value,
        lv_name  TYPE zkontor_conf-name,
        lt_conf  TYPE STANDARD TABLE OF zkontor_conf,
        ls_conf  TYPE zkontor_conf,
        lv_objky TYPE drad-objky,
        lt_drad  TYPE STANDARD TABLE OF drad,
        ls_drad  TYPE drad,
        ls_out   TYPE zkontor_s_media.
  PERFORM setting USING 'MEDIA_URL' CHANGING lv_url.
  IF lv_url IS INITIAL.
    RETURN.
  ENDIF.
  lv_objky = iv_matnr.
  ls_out-matnr = iv_external.
  SELECT * FROM zkontor_conf INTO TABLE lt_conf WHERE name = 'MEDIA' ORDER BY PRIMARY KEY.
  LOOP AT lt_conf INTO ls_conf.
    CONCATENATE 'MEDIA_' ls_conf-value INTO lv_name.
    PERFORM setting USING lv_name CHANGING lv_role.
    CLEAR lt_drad.
    SELECT * FROM drad INTO TABLE lt_drad
      WHERE dokob = 'MARA' AND objky = lv_objky AND dokar = ls_conf-value(3).
    SORT lt_drad BY doknr doktl dokvr DESCENDING.
    DELETE ADJACENT DUPLICATES FROM lt_drad COMPARING doknr doktl.
    LOOP AT lt_drad INTO ls_drad.
      ls_out-position = ls_out-position + 1.
      ls_out-role = lv_role.
      PERFORM alpha_out USING ls_drad-doknr CHANGING ls_drad-doknr.
      CONCATENATE lv_url '/' ls_drad-dokar '/' ls_drad-doknr '/' ls_drad-doktl '/' ls_drad-dokvr
        INTO ls_out-url.
      CLEAR ls_out-alt.
      SELECT SINGLE dktxt FROM drat INTO ls_out-alt
        WHERE dokar = ls_drad-dokar AND doknr = ls_drad-doknr AND dokvr = ls_drad-dokvr
          AND doktl = ls_drad-doktl AND langu = sy-langu.
      APPEND ls_out TO ct_media.
    ENDLOOP.
  ENDLOOP.
ENDFORM.

* The product hierarchy of the sales area, else that of the material.
FORM article_categories USING is_mara TYPE mara
                              is_area TYPE ty_area
                              iv_external TYPE clike
                        CHANGING ct_category TYPE zkontor_t_article_category.
  DATA: lv_prodh TYPE t179-prodh,
        ls_out   TYPE zkontor_s_article_category.
  SELECT SINGLE prodh FROM mvke INTO lv_prodh
    WHERE matnr = is_mara-matnr AND vkorg = is_area-vkorg AND vtweg = is_area-vtweg.
  IF lv_prodh IS INITIAL.
    lv_prodh = is_mara-prdha.
  ENDIF.
  IF lv_prodh IS NOT INITIAL.
    ls_out-matnr    = iv_external.
    ls_out-category = lv_prodh.
    APPEND ls_out TO ct_category.
  ENDIF.
ENDFORM.

FORM article_units USING iv_matnr TYPE matnr
                         iv_external TYPE clike
                   CHANGING ct_unit TYPE zkontor_t_unit.
  DATA: lt_marm TYPE STANDARD TABLE OF marm,
        ls_marm TYPE marm,
        ls_out  TYPE zkontor_s_unit.
  SELECT * FROM marm INTO TABLE lt_marm WHERE matnr = iv_matnr.
  LOOP AT lt_marm INTO ls_marm WHERE umren > 0.
    ls_out-matnr = iv_external.
    PERFORM unit_out USING ls_marm-meinh CHANGING ls_out-unit.
    ls_out-numerator   = ls_marm-umrez.
    ls_out-denominator = ls_marm-umren.
    APPEND ls_out TO ct_unit.
  ENDLOOP.
ENDFORM.

* Living materials of the sales area, and how many of them are no variant.
FORM article_total USING is_token TYPE ty_token
                         is_area TYPE ty_area
                   CHANGING cv_total TYPE i
                            cv_products TYPE i.
  cv_total = cv_products = -1.
  IF is_token-snapshot IS INITIAL.
    RETURN.
  ENDIF.
  SELECT COUNT( * ) FROM mvke AS a INNER JOIN mara AS b ON b~matnr = a~matnr
    INTO cv_total
    WHERE a~vkorg = is_area-vkorg AND a~vtweg = is_area-vtweg
      AND a~lvorm = space AND b~lvorm = space.
  SELECT COUNT( * ) FROM mvke AS a INNER JOIN mara AS b ON b~matnr = a~matnr
    INTO cv_products
    WHERE a~vkorg = is_area-vkorg AND a~vtweg = is_area-vtweg
      AND a~lvorm = space AND b~lvorm = space
      AND ( b~satnr = space OR b~satnr = b~matnr ).
ENDFORM.
