import{a,b}from"./chunk.JIENCGD7.js";import"./chunk.TAQ25YMM.js";import"./chunk.LU4UJZUH.js";import"./chunk.6SIGXRZF.js";import"./chunk.SO7B44UJ.js";export{b as MailboxApi,a as ReporterApi};
