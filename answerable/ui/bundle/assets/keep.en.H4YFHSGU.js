import{a as o}from"./chunk.N6BOF3FQ.js";import{a as r}from"./chunk.DLYL32EK.js";import{a as m}from"./chunk.SVBVU7VO.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";m("en",r);o();
