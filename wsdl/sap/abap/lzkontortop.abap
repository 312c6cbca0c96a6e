*----------------------------------------------------------------------*
* Function group ZKONTOR, global declarations (include LZKONTORTOP).
* Kontor wrapper, contract version 3. Runs in the stateless session of
* one web service call; nothing is kept between calls.
* Syntax level: NetWeaver 7.02, so that ECC 6.0 can take it.
*----------------------------------------------------------------------*
FUNCTION-POOL zkontor.

CONSTANTS:
  gc_wrapper     TYPE c LENGTH 1  VALUE '3',
  gc_msgid       TYPE symsgid     VALUE 'ZKONTOR',
  gc_max_default TYPE i           VALUE 1000,
  gc_max_limit   TYPE i           VALUE 5000,
  gc_piece_max   TYPE i           VALUE 1048576,  " bytes of a content in one answer
  gc_overlap_s   TYPE i           VALUE 300,      " a change becomes visible at its commit, later than its time
  gc_delta_days  TYPE i           VALUE 60,       " an older token starts a snapshot
  gc_backdate    TYPE i           VALUE 62.       " days a goods movement may be posted into the past

TYPES:
  BEGIN OF ty_token,
    snapshot TYPE c LENGTH 1,
    since    TYPE timestamp,                      " changes from here on; initial in a snapshot
    start    TYPE timestamp,                      " when the sequence of pages began
    key      TYPE c LENGTH 40,                    " last key of the page before
  END OF ty_token,
  BEGIN OF ty_local,
    datum TYPE d,
    uzeit TYPE t,
  END OF ty_local,
  BEGIN OF ty_area,
    vkorg TYPE vkorg,
    vtweg TYPE vtweg,
    aland TYPE mlan-aland,
    werks TYPE werks_d,
  END OF ty_area,
  ty_matnr_tab TYPE SORTED TABLE OF matnr WITH UNIQUE KEY table_line,
  ty_kschl_range TYPE RANGE OF konp-kschl,
  ty_dokar_range TYPE RANGE OF draw-dokar,
  BEGIN OF ty_draw_key,                           " of a document info record
    dokar TYPE draw-dokar,
    doknr TYPE draw-doknr,
    dokvr TYPE draw-dokvr,
    doktl TYPE draw-doktl,
    lives TYPE c LENGTH 1,
    text  TYPE c LENGTH 40,                       " as in a token
  END OF ty_draw_key,
  ty_draw_keys TYPE STANDARD TABLE OF ty_draw_key WITH DEFAULT KEY,
  ty_kunnr_tab TYPE SORTED TABLE OF kunnr WITH UNIQUE KEY table_line,
  ty_plant_range TYPE RANGE OF marc-werks,
  ty_plant_tab TYPE STANDARD TABLE OF werks_d WITH DEFAULT KEY,
  ty_knumh_tab TYPE SORTED TABLE OF knumh WITH UNIQUE KEY table_line,
  ty_objectid_tab TYPE STANDARD TABLE OF cdhdr-objectid WITH DEFAULT KEY,
  BEGIN OF ty_price_key,
    knumh TYPE knumh,
    kotab TYPE c LENGTH 4,                        " A004, A005, A006 or A032
    matnr TYPE matnr,
    pltyp TYPE pltyp,
    kunnr TYPE kunnr,                             " A005
    konda TYPE konda,                             " A032
    datab TYPE kodatab,
    datbi TYPE kodatbi,
  END OF ty_price_key,
  ty_price_keys TYPE STANDARD TABLE OF ty_price_key WITH DEFAULT KEY.
