"use strict";
GameSection.begin();
RewardSection.begin();
TrainingSection.begin();
DataSection.begin();
