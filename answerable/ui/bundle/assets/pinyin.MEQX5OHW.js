import"./chunk.SO7B44UJ.js";var h=`
de yī shì zài bù le yǒu hé rén zhè zhōng dà wèi shàng gè guó wǒ yǐ yào tā shí lái yòng men shēng dào zuò dì yú chū jiù fēn duì chéng huì kě zhǔ fā
nián dòng tóng gōng yě néng xià guò zǐ shuō chǎn zhǒng miàn ér fāng hòu duō dìng xíng xué fǎ suǒ mín dé jīng shí sān zhī jìn zhe děng bù dù jiā diàn
lì lǐ rú shuǐ huà gāo zì èr lǐ qǐ xiǎo wù xiàn shí jiā liàng dōu liǎng tǐ zhì jī dāng shǐ diǎn cóng yè běn qù bǎ xìng hǎo yīng kāi tā hé hái yīn yóu
qí xiē rán qián wài tiān zhèng sì rì nà shè yì shì píng xíng xiāng quán biǎo jiān yàng yǔ guān gè zhòng xīn xiàn nèi shù zhèng xīn fǎn nǐ míng kàn
yuán yòu me lì bǐ huò dàn zhì qì dì xiàng dào mìng cǐ biàn tiáo zhǐ méi jié jiě wèn yì jiàn yuè gōng wú xì jūn hěn qíng zhě zuì lì dài xiǎng yǐ tōng
bìng tí zhí tí dǎng chéng zhǎn wǔ guǒ liào xiàng yuán gé wèi rù cháng wén zǒng cì pǐn shì huó shè jí guǎn tè jiàn cháng qiú lǎo tóu jī zī biān liú lù
jí shǎo tú shān tǒng jiē zhī jiào jiāng zǔ jiàn jì bié tā shǒu jiǎo qī gēn lùn yùn nóng zhǐ jǐ jiǔ qū qiáng fàng jué xī bèi gàn zuò bì zhàn xiān huí
zé rèn qǔ jù chù duì nán gěi sè guāng mén jí bǎo zhì běi zào bǎi guī rè lǐng qī hǎi kǒu dōng dǎo qì yā zhì shì jīn zēng zhēng jì jiē yóu sī shù jí
jiāo shòu lián shén rèn liù gòng quán shōu zhèng gǎi qīng měi zài cǎi zhuǎn gèng dān fēng qiè dǎ bái jiào sù huā dài ān chǎng shēn chē lì zhēn wù jù
wàn měi mù zhì dá zǒu jī shì yì shēng bào dòu wán lèi bā lí huá míng què cái kē zhāng xìn mǎ jié huà mǐ zhěng kōng yuán kuàng jīn jí wēn chuán tǔ xǔ
bù qún guǎng shí jì xū duàn yán jiè lā lín lǜ jiào qiě jiū guān yuè zhī zhuāng yǐng suàn dī chí yīn zhòng shū bù fù róng ér xū jì shāng fēi yàn lián
duàn shēn nán jìn kuàng qiān zhōu wěi sù jì bèi bàn bàn qīng shěng liè xí xiǎng yuē zhī bān shǐ gǎn láo biàn tuán wǎng suān lì shì kè hé chú xiāo gòu
fǔ chēng tài zhǔn jīng zhí hào lǜ zú wéi huà xuǎn biāo xiě cún hòu máo qīn kuài xiào sī yuàn chá jiāng xíng yǎn wáng àn gé yǎng yì zhì pài céng piàn
shǐ què zhuān zhuàng yù chǎng jīng shí shì shǔ yuán bāo huǒ zhù diào mǎn xiàn jú zhào cān hóng xì yǐn tīng gāi tiě jià yán shǒu dǐ yè guān dé suí
bìng sū shī ěr sǐ jiǎng pèi nǚ huáng tuī xiǎn tán zuì shén yì ne xí hán qǐ wàng mì pī yíng xiàng fáng jǔ qiú yīng yǎng shì gào lǐ tái luò mù bāng lún
pò yà shī wéi zhù yuǎn zì cái pái gōng hé tài fēng lìng shī jiǎn shù róng zěn zhǐ àn yán shì jūn wǔ gù yè yú bō shì jǐn fèi jǐn ài zuǒ zhāng zǎo cháo
hài xù qīng fú shì shí chōng bīng yuán pàn hù sī zú mǒu liàn chà zhì bǎn tián jiàng hēi fàn fù jī fàn jì xīng sì yú jiān qū shū xiū gù chéng fū gòu
sòng bǐ chuán zhàn yòu cái chī fù chūn zhí jué hàn huà gōng bā gēn suī zá fēi jiǎn xī zhù shēng yáng hù chū chuàng kàng kǎo tóu huài cè gǔ jìng huàn
wèi pǎo liú gāng céng duān zé zhàn jiǎn shù qián fù jìn dì shè cǎo chōng chéng dú lìng xiàn ā xuān huán shuāng qǐng chāo wēi ràng kòng zhōu liáng
zhóu zhǎo fǒu jì yì yī yōu dǐng chǔ zài dào fáng tū zuò fěn dí lüè kè yuán lěng shèng jué xī kuài jì cè sī xié sù niàn chén réng luó yán yǒu yáng cuò
kǔ yè xíng yí pín zhú kào hùn mǔ duǎn pí zhōng jù qì cūn yún nǎ jì jù wèi tíng liè yāng chá shāo xùn jìng ruò yìn zhōu kè kuò jī kǒng gǎo shèn shì
dài hé xiào sàn qīn ba jiǎ yóu jiǔ cài wèi jiù mó hú huò sǔn yù zǔ háo pǔ wěn yǐ mā zhí xī kuò yín yǔ huī jiǔ shǒu ná xù zhǐ yī quē yǔ ma zhēn liú a
jí chàng wù xùn yuàn shěn fù huò chá xiān liáng jīn hái tuō liú féi shàn lóng yǎn fù jiàn xuè huān xiè zhǎng gē shā gāng gōng wèi dùn tǎo wǎn lì luàn
rán máo hū shā yào níng lǔ guì zhōng méi dú bān bó xiāng jiè pò jù fēng péi wò lán dān xián dàn chén jiǎ chuān zhí dá lè shéi shùn yān suō zhēng liǎn
xǐ sōng jiǎo kùn yì miǎn bèi xīng fú mǎi rǎn jǐng gài màn pà cí bèi zǔ huáng cù jìng bǔ píng fān ròu jiàn ní yī kuān yáng mián xī shāng cāo chuí qiū
yí qīng tào dū zhèn jià liàng mò xiàn qìng biān niú chù yìng léi xiāo shī zuò jū zhuā liè bāo hū niáng jǐng wēi lǜ jīng hòu méng héng jī sūn yán wēi
jiāo wū xiāng lín lù gù diào ya dēng suì cuò shù nài jù yù zhào tiào gē jì kè kǎi hú é kuǎn shào juǎn qí wěi zhēng zhí yǒng zōng miáo chuān lú yán
ruò líng yáng zòu yán lù gān tàn huá zhèn fàn nóng háng huái gǎn kù duó yī líng shuì tú miè sài guī zhào gǔ bō pán cái xiǎn kāng wéi lù jūn chún jiè
táng gài héng fú sī nǔ táng yù qiāng rùn fú hā jìng shú chóng zé nǎo rǎng tàn ōu biàn cè zhài gǎn chè lǜ xié báo tíng nà dàn sì shēn zhé mài shī àn
hé wǎ sāi chuáng zhù è hù fǎng tǎ qí tòu liáng dāo xuán jì kǎ lǜ yù fèn dú ní tuì xǐ bǎi huī cǎi mài hào xià zé máng tóng xiàn yìng yǔ fán quān xuě
hán yì chōu piān zhèn yīn dīng chǐ zhuī duī xióng yíng fàn bà lóu bì móu dūn yě zhū qí lèi piān diǎn guǎn suǒ qín zhī cháo yé dòu hū tuō jīng sù yí
yù zhū tì xiān cū qīng shàng tòng chǔ xiè fèn gòu mó jūn chí páng suì gǔ jiān bǔ dì bào gē guàn shū shì cí wáng bì dùn bǎo wǔ chén wén jiē pào cán
dōng qiáo fù jǐng zōng zhāo wú fù fú zāo xú nín yáo gǔ zàn xiāng gé dìng nán chuī yuán fēn táng bài sòng bō jù gēng tǎn róng bì wān jiàn fán zhù guō
jiù ēn bō níng jiǎn chǐ jié liàn má fǎng jìn fèi shèng bǎn huǎn jìng jīng chāng hūn shè tǒng zuǐ chā àn lǎng zhuāng jiē cáng gū mào fǔ nú la guàn
chéng huǒ huī yún shā zhā biàn ěr biāo chén yì lí dǐ mài xiù sà é wǎng wǔ diàn pēn zòng cùn hàn guà hóng hè shǎn jiǎn bào xī jīn dào qiáng ruǎn yǒng
xiàng gǔn lí méng fāng kěn pō zhù dàng tuǐ yí lǚ wěi zhá bīng gòng dēng lí xuē zuān lēi táo zhàng ān guō fēng bì gǎng fú guǐ mǔ bì cā mò cì làng mì
yuán zhū jiàn shòu gǔ dǎo gān pào shuì tóng zhù tāng fá xiū huì shě mù rào zhà zhé lín jì péng dàn jiān qǐ xiàn chái chéng tú yán lèi shāo wàng bèng
lán tuō dòng shòu jìng xīn zhuàng fēng pín xū wān mó tài yòu tíng zūn chuāng gāng nòng lì yí shì gōng jiě zhèn ruì guài yóu qín xún miáo mó wéi jiā
yāo yuán zhū qióng sēn zhī zhú gōu cuī shéng yì bāng shèng xìng jiāng lán yōng yá zhù lǐ lǜ nà wén bà pāi zán hǎn xiù āi qín fá jiāo qián wǔ mò yù
féng xìng kān bǎo fǎng jiǎng lǚ guǐ lì kuà mò wā liàn sǎo hē dài tàn wū mù zhū hú lì méi nǎi jié zāi zhōu jiàn běn sòng bào huǐ dǒng hán zhì pǔ jì
jiè yuè dù tiāo dān jiān bèi pèng bá diē dài mǎ mèng yá róng chì yú kū jìng kē bēn qiān zhòng hǔ xī mèi fá zhēn shēn zhuō zūn yǔn lóng luó cāng wèi
ruì xiǎo dàn jiān yǐn ài hè bō zhōng sù gāng qiān qiǎng bó qiǎo ké xiōng dù xùn chéng bì xiáng kē yè xún jǔ bēi guàn líng lún piào xún guì pū shèng
kǒng qià zhèng qù tái huāng téng tiē róu dī měng kuò liàng qī tián chè chǔ qiān nào rǎo zǐ shā dì xì diào táo fá wèi liáo píng pó fǔ bì mō rěn xiā là
lín xiōng gǒng jǐ ǒu qì cáo jìn rǔ dèng jí rén làn zhuān zū wū jiàn bàn guā qiǎn bǐng zàn zào xiàng liǔ mí nuǎn pái yāng dǎn xiáng huáng tà cí pǔ dāi
bīn hú luò huī fèn jìng xì nù zhān nǎi xù jiān jí mǐn tú xī jiē zhēn xuán jué xiǎng jiū xǐng kuáng suǒ diàn hèn shēng bà pá shǎng nì wán líng zhù
miǎo zhè mào yì bǐ xī yā qū fèng chén chù bèi zhì luǎn shǔ tī yán tān qí qū shāi xiá mào shá shòu yì jìn quán mào chí guī jiāng dài lòu gǎo guān nèn
xié xīn láo pàn shí ào míng lǐng yáng píng chuàn táng huì jiào róng pén xī miào chóu dòng fǔ shè xí jīn jù liáo hàn jiǎ niǎo qī shěn méi shū tiān
bàng suì xiāo hán bī niǔ qiáo liáng tǐng wǎn zāi chǎo bēi huàn liú quàn háo liáo bó hóng dàn lì bài gǒu mái gǔn yǎn yǐn bān mà cí gōu kòu gū jiǎng
róng wù zhàng duǒ mǔ nǐ yǔ jí shǎn diāo cháng xù chóng jiǎn chàng tīng yǎo shǐ shǔ shuā chì fān fù fèng fó jiāo màn màn shàn gài táo fú zǐ fǎn sú kuī
qiāng xié léng fù kuāng qiāo shū zhuàng piàn kān wàng fèi gū tǔ mèng qú qū jí miào xī yǎng hěn zhàng xié pāo méi sāng gǎng ma shuāi dào shèn zāng lài
yǒng tián cáo yuè jī lī lì tīng wěi yì zuó wěi zhèng zhǔ tàn dīng dā jīng lóng kù tōu gōng zhuī héng jié kēng bí yì lún xù yù dǎi guàn luò péng yì
péng shū sì zhòu mù yě kū cè shī tū shēn pī xī yàn hōng xīn jìn shòu yù dìng jǐn sàng xún duàn lǒng sōu pū yāo tíng zhǐ mài shū cuì méi xián yōu fēn
wán yǔ zhǎng xiè zhàng péi pì chéng háng yáo dù zhuō piāo piāo kūn qī wú láng wán zhī hē shì xiāo yǎ yóu qiān yàn sā yīn fù yàn fán zhài zhàng bān
líng zhǐ chún dǒng bǐng chú zī bàn fù fù tuǒ róu xián chāi wāi pú àn diū hào huī áng diàn dǎng lǎn tān wèi jiǎo wāng huāng féng nuò jiāng yì xiōng
liè wū yào hūn tǎng yíng qí qiáo xī cóng lú mǒ mèn zī guā jià lǎn wù zhāi ěr zhì pǒ huàn bǐng huì cǎn jiā chóu là wō dí jiàn qiáo bǎo pō cōng zhào
huò lāo tāi cāng bīn liǎ tǒng xiāng kǎn xiá shào táo fēng huái suì xióng fèn hōng sù dàng gē bó sǎo yù xǐ jiàn juān cháng chēng shài biàn diàn lián
tān jiǎo jiàng píng yì āi cài dǔ mò zhòu chàng dié gé lái qiāo xiá gōu hén bà xiàng è huò qiū xuán liū yuē luó péng cháng qīng fáng tǐng tūn wéi yuàn
ǎi xiē
`,n;function i(g){return n??(n=h.trim().split(/\s+/)),n[g]??""}export{i as reading};
