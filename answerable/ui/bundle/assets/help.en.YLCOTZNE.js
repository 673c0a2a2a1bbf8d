import{a as o}from"./chunk.7LR5EUCI.js";import{a as r}from"./chunk.DTC6EHUE.js";import{a as m}from"./chunk.5HKWTPSB.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";m("en",r);o();
